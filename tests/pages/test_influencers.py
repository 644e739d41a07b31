"""The influencers page over a small world: leaders and agreements stand there where there are any."""

from __future__ import annotations

from typing import cast

import pytest
from streamlit.testing.v1 import AppTest

from shopdata.store import Store
from shopdata.words import words
from tests.analysis.test_partner_terms import Builder, agreement, charged_lines
from tests.pages.conftest import Run


def shown(run: Run, builder: Builder, language: str) -> AppTest:
    page = run(cast(Store, builder.world.stored()), "influencers", language=language, days="all")
    assert not page.exception
    return page


def headings(page: AppTest) -> str:
    return " ".join(heading.value for heading in page.subheader)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_leaders_and_a_rate_that_differs_are_told_in_a_sentence(run: Run, language: str) -> None:
    builder = charged_lines()
    builder.charge(builder.world.lines[0], 90, 90, "leader", party_id="crew", party_name="Crew")
    builder.world.agreed_rates = [agreement("kept", 0.2), agreement("broken", 0.1, product_id="p1")]
    told = headings(shown(run, builder, language))
    assert "Crew" in told
    assert words(language)("pages.influencers.agreed_off", n=1, all=2) in told


def test_without_leaders_and_agreements_nothing_is_said_of_them(run: Run) -> None:
    keys = [str(one.value) for one in shown(run, charged_lines(), "en").caption]
    assert not {words("en")(f"pages.influencers.{key}_caption") for key in ("leaders", "agreed")} & set(keys)
