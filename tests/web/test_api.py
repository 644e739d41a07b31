"""The documents of the API: shaped as the contract says, in the wished language, never a traceback."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.applications import Starlette

from shopdata.imports.run import import_paths
from shopdata.metrics.catalogue import CATALOGUE, KEYS
from shopdata.metrics.definition import Ratio
from shopdata.settings import read_settings
from shopdata.store import open_store
from shopdata.web import state
from shopdata.web.state import Opened
from tests.web.asgi import Answer, application, call

SHOP = "Nuts & more"
NULLABLE_NUMBER = {"type": ["number", "null"]}
NULLABLE_TEXT = {"type": ["string", "null"]}
TABLE = {
    "type": "object",
    "required": ["from", "to", "by", "data_up_to", "currency", "rows", "total"],
    "properties": {
        "from": NULLABLE_TEXT,
        "to": NULLABLE_TEXT,
        "by": NULLABLE_TEXT,
        "data_up_to": NULLABLE_TEXT,
        "currency": NULLABLE_TEXT,
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "label"],
                "properties": {"key": {"type": "string"}, "label": {"type": "string"}},
                "additionalProperties": NULLABLE_NUMBER,
            },
        },
        "total": {"type": "object", "additionalProperties": NULLABLE_NUMBER},
    },
}


def analysis(*columns: str, keyed: bool = True) -> dict[str, Any]:
    row = {"type": "object", "required": ["key", *columns] if keyed else list(columns)}
    return {
        "type": "object",
        "required": ["data_up_to", "currency", "rows", "total"],
        "properties": {"rows": {"type": "array", "minItems": 1, "items": row}},
    }


SHAPES = {
    "/api/v1/metrics": TABLE,
    "/api/v1/metrics?by=source": TABLE,
    "/api/v1/metrics?by=day&from=2026-10-01&to=2026-10-07": TABLE,
    "/api/v1/series?metric=paid_amount": analysis("value", "n", "partial", "low", "high"),
    "/api/v1/series/orders_paid?forecast=7": analysis("value", "n", "partial", "low", "high"),
    "/api/v1/series/pay_rate?by=week": analysis("value", "n", "partial", "low", "high"),
    "/api/v1/funnel": analysis("label", "n", "of_first", "of_previous", "lost", "pending", "median_hours"),
    "/api/v1/sources": analysis("label"),
    "/api/v1/orders?limit=5": analysis("order_id", "paid_amount", keyed=False),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Starlette]:
    """The API over a store that holds one shop of the sample."""
    folder = tmp_path_factory.mktemp("stocked")
    files = [*sorted(sample.glob("*shanhuop.csv")), next(sample.glob("*-22.csv"))]
    settings = read_settings({"SHOPDATA_HOME": str(folder / "home")})
    with open_store(settings) as store:
        results = import_paths(store, files, shop=SHOP)
        assert [one.status for one in results] == ["imported"] * 3
        state.use(Opened(store, settings))
        yield application()
        state.use(None)


def get(app: Starlette, url: str, headers: Mapping[str, str] | None = None) -> Answer:
    return call(app, "GET", url, headers)


@pytest.mark.parametrize("url", SHAPES)
def test_a_document_is_shaped_as_the_contract_says(app: Starlette, url: str) -> None:
    answer = get(app, url)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    jsonschema.validate(answer.json(), SHAPES[url])


def test_every_metric_and_what_stands_around_a_ratio_is_in_the_total(app: Starlette) -> None:
    total = get(app, "/api/v1/metrics").json()["total"]
    assert set(KEYS) <= set(total)
    for key in KEYS:
        metric = CATALOGUE[key]
        if isinstance(metric, Ratio):
            assert {f"{key}_n", f"{key}_d"} <= set(total)
            if metric.binomial:
                assert {f"{key}_{end}" for end in ("low", "high", "matured", "pending")} <= set(total)


def test_money_is_whole_fen_and_ratios_are_ratios(app: Starlette) -> None:
    total = get(app, "/api/v1/metrics").json()["total"]
    assert isinstance(total["paid_amount"], int)
    assert total["pay_rate"] == pytest.approx(total["orders_paid"] / total["orders_placed"])


def test_filters_narrow_and_their_parts_add_up(app: Starlette) -> None:
    whole = get(app, "/api/v1/metrics").json()["total"]["orders_placed"]
    days = get(app, "/api/v1/metrics?by=day").json()["rows"]
    assert sum(row["orders_placed"] or 0 for row in days) == whole
    assert get(app, "/api/v1/metrics?platform=taobao").json()["total"]["orders_placed"] in {0, None}
    assert (
        get(app, f"/api/v1/metrics?shop={SHOP.replace(' ', '%20').replace('&', '%26')}").json()["total"][
            "orders_placed"
        ]
        == whole
    )


def test_orders_come_with_the_totals_of_the_whole_selection(app: Starlette) -> None:
    document = get(app, "/api/v1/orders?limit=3&statuses=closed&fields=order_id,status").json()
    assert [set(row) for row in document["rows"]] == [{"order_id", "status"}] * 3
    assert {row["status"] for row in document["rows"]} == {"closed"}
    assert document["total"]["orders"] > 3
    assert document["more"] is True
    assert all(isinstance(row["order_id"], str) for row in document["rows"])


def test_buyers_are_masked(app: Starlette) -> None:
    rows = get(app, "/api/v1/orders?limit=50").json()["rows"]
    assert any(row["receiver"] for row in rows)
    assert all(row[name] is None or "***" in row[name] for row in rows for name in ("receiver", "phone"))


def test_labels_and_sentences_come_in_the_wished_language(app: Starlette) -> None:
    def live(headers: Mapping[str, str], lang: str = "") -> str:
        rows = get(app, f"/api/v1/metrics?by=source{lang}", headers).json()["rows"]
        return next(row["label"] for row in rows if row["key"] == "live")

    assert live({"accept-language": "en-GB,en;q=0.9,zh;q=0.8"}) == "Live"
    assert live({"accept-language": "de"}) != "Live"
    assert live({}, "&lang=en") == "Live"
    assert live({"cookie": "a=b; shopdata_language=en", "accept-language": "zh"}) == "Live"


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/api/v1/metrics?from=yesterday", 422, "day_invalid"),
        ("/api/v1/metrics?from=2026-11-02&to=2026-11-01", 422, "days_reversed"),
        ("/api/v1/metrics?by=mood", 422, "dimension_unknown"),
        ("/api/v1/metrics?by=day;drop", 422, "dimension_unknown"),
        ("/api/v1/metrics?form=2026-11-01", 422, "parameter_unknown"),
        ("/api/v1/metrics?basis=paid&basis=event", 422, "parameter_repeated"),
        ("/api/v1/metrics?shop=nobody", 422, "shop_unknown"),
        ("/api/v1/series", 422, "metric_unknown"),
        ("/api/v1/series/nothing", 422, "metric_unknown"),
        ("/api/v1/orders?limit=100000", 422, "value_unknown"),
        ("/api/v1/orders?statuses=happy", 422, "bad_filter"),
        ("/api/v1/audit", 404, "no_such_path"),
        ("/api/v2/metrics", 404, "no_such_path"),
        ("/api/v1/metrics/", 404, "no_such_path"),
    ],
)
def test_a_senseless_question_is_a_problem_document(app: Starlette, url: str, status: int, code: str) -> None:
    answer = get(app, url, {"accept-language": "en"})
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert not re.search(r"[\u4e00-\u9fff]", answer.json()["detail"])
    assert "Traceback" not in answer.body.decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_document_cannot_be_changed(app: Starlette, method: str) -> None:
    assert call(app, method, "/api/v1/metrics").status in {404, 405}


def test_a_store_that_is_not_open_says_so() -> None:
    app = application()
    for url in ("/healthz", "/api/v1/metrics", "/api/v1/status"):
        answer = get(app, url)
        if state._opened is None:
            assert (answer.status, answer.json()["code"]) == (503, "not_open")


def test_the_description_names_every_route_and_only_those(app: Starlette) -> None:
    described = get(app, "/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.")
    served = {route.path for route in app.routes if route.path.startswith("/api/v1/")}
    named = {path for path in described["paths"] if path.startswith("/api/v1/")}
    assert served - named == {"/api/v1/openapi.json", "/api/v1/series/{metric}"}
    assert named <= served


def test_the_session_says_who_asks(app: Starlette) -> None:
    assert get(app, "/api/v1/session").json() == {"user": "local", "role": "owner"}


def test_status_says_what_the_store_holds(app: Starlette) -> None:
    document = get(app, "/api/v1/status").json()
    assert [shop["name"] for shop in document["shops"]] == [SHOP]
    assert document["rows"]["orders"] > 1000
    assert len(document["imports"]) == 3
    assert Path(document["store"]).exists()
