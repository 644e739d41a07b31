"""``status``, ``doctor``, ``backup``, ``purge``, ``close-month``: state, check, copy, erasing, month end."""

from __future__ import annotations

from datetime import date
from typing import Any

from shopdata.analysis.month_end import close_month
from shopdata.commands import documents, printing, questions
from shopdata.commands.asked import Asked
from shopdata.commands.context import Context, Options
from shopdata.errors import BadUsage
from shopdata.imports.erasing import purge
from shopdata.store.backup import backup
from shopdata.store.doctor import doctor

FAULT = 3


def run_status(context: Context, options: Options) -> int:
    """Shops, rows, freshness, last imports, disk."""
    asked = Asked(context.store, context.settings, context.words)
    found: dict[str, Any] = documents.answer(asked, "status", {})
    if context.as_json:
        context.document(found)
        return 0
    words = context.words
    rows = found["rows"]
    context.show(
        printing.pairs(
            [
                (words("cli.status.store"), f"{found['store']} ({found['size'] / 1e6:,.1f} MB)"),
                (words("cli.status.rows"), f"{rows['order_lines']:,} / {rows['orders']:,}"),
                (words("cli.data_up_to"), printing.moment(found["data_up_to"], words)),
                (words("cli.status.disk"), f"{found['disk']['free'] / 1e9:,.1f} GB"),
                (words("cli.status.lock"), f"pid {found['lock']['pid']}"),
            ]
        )
    )
    for shop in found["shops"]:
        reach = ", ".join(
            f"{words.get(f'ui.kinds.{kind}', kind)} {printing.moment(as_of, words)}"
            for kind, as_of in shop["data_up_to"].items()
        )
        sample = f" [{words('cli.status.sample')}]" if shop["sample"] else ""
        context.show(f"{shop['name']}{sample}: {reach or words('cli.none')}")
    if found["imports"]:
        header = (words("cli.status.file"), words("cli.status.shop"), words("cli.status.accepted"))
        last = [
            [one["file"], one["shop"] or "", f"{one['accepted']:,} / {one['rows']:,}"]
            for one in found["imports"]
        ]
        context.show("\n" + printing.table(header, last, left=2))
    for one in found["damage"]:
        context.tell(words("cli.status.damage", **one))
    return 0


def run_doctor(context: Context, options: Options) -> int:
    """Check the store; 3 when something is wrong with it."""
    found = doctor(context.store)
    if context.as_json:
        context.document(found.as_json(context.words))
    else:
        for check in found.checks:
            mark = context.words("cli.doctor.ok" if check.ok else "cli.doctor.bad")
            context.show(f"{mark}  {check.sentence(context.words)}")
    return 0 if found.ok else FAULT


def run_backup(context: Context, options: Options) -> int:
    """Copy the open store into one new file."""
    path = context.path(options.file)
    if path.exists():
        raise BadUsage("path_exists", path=options.file)
    if not path.parent.is_dir():
        raise BadUsage("path_unwritable", path=options.file)
    made = backup(context.store, path)
    if context.as_json:
        beside = str(made.attachments) if made.attachments else None
        document = {"file": str(made.path), "size": made.size, "sha256": made.sha256, "evidence": beside}
        context.document(document)
    else:
        context.show(context.words("cli.backed_up", file=made.path, size=f"{made.size / 1e6:,.1f} MB"))
    return 0


def run_close(context: Context, options: Options) -> int:
    """Close a month of a shop and the open ones before it, for good."""
    try:
        month = date.fromisoformat(f"{options.month}-01")
    except ValueError as fault:
        raise BadUsage("day_invalid", value=options.month) from fault
    scope = questions.scope(context.store, {"shop": [options.shop]}, questions.LOCAL)
    (shop,) = scope.shops or ()
    closed = [f"{one:%Y-%m}" for one in close_month(context.store, scope, shop, month)]
    if context.as_json:
        context.document({"shop": options.shop, "closed": closed})
        return 0
    context.show(context.words("cli.closed", shop=printing.plain(options.shop), months=", ".join(closed)))
    return 0


def run_purge(context: Context, options: Options) -> int:
    """Erase buyer data imported before a day; 1 where the search afterwards still found some of it."""
    try:
        before = date.fromisoformat(options.before)
    except ValueError as fault:
        raise BadUsage("day_invalid", value=options.before) from fault
    proof = purge(context.store, before, "local")
    found = proof["search"]["found"]
    if context.as_json:
        context.document(proof)
        return 1 if found else 0
    words, search = context.words, proof["search"]
    context.show(words("cli.purged.before", day=proof["before"]))
    for table, rows in proof["rows"].items():
        context.show(words("cli.purged.rows", table=table, rows=f"{rows:,}"))
    for kind in ("uploads", "backups"):
        for one in proof[kind]:
            name = printing.plain(str(one["file"]))
            context.show(words(f"cli.purged.{kind}", file=name, sha256=one["sha256"][:16]))
    if any(proof["cases"].values()):
        context.show(words("cli.purged.cases", **proof["cases"]))
    for path in proof["backups_missing"]:
        context.show(words("cli.purged.missing", file=printing.plain(path)))
    if proof["store_bytes"]:
        context.show(words("cli.purged.rewritten", size=f"{proof['store_bytes']['after'] / 1e6:,.1f} MB"))
    counts = {name: f"{search[name]:,}" for name in ("values", "columns", "files")}
    context.show(words("cli.purged.remains" if found else "cli.purged.proved", n=len(found), **counts))
    younger = search["younger_files"]
    if any(younger.values()):
        context.show(words("cli.purged.younger", **younger))
    return 1 if found else 0
