"""What an evidence pack holds, gathered and cut to what its reader may see. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shopdata.abnormal.cases import Case, read_case
from shopdata.abnormal.checklists import CHECKLISTS, dispute_of
from shopdata.abnormal.claims import Claim, claim_of
from shopdata.abnormal.evidence import Evidence, attached, may_fetch
from shopdata.abnormal.evidence_kinds import clean_name, name_out
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import may_work
from shopdata.errors import NotAllowed, NotFound
from shopdata.imports.evidence_files import evidence_path
from shopdata.imports.raw_rows import FileRows, rows_of_order
from shopdata.imports.scoping import Shop, all_shops
from shopdata.imports.uploads import sha256_of
from shopdata.orders.privacy import HIDDEN, MONEY, PERSONAL, RowRights, masked, row_rights
from shopdata.orders.timeline import Timeline, order_timeline
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.case_tables import ORDER
from shopdata.store.personal import ERASED, HASHED

BUYERS = PERSONAL | ERASED | HASHED
KEPT, WITHHELD, LOST = "kept", "withheld", "lost"


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached file as the pack tells of it. ``state``: ``kept`` (it is in the pack), ``withheld`` (its
    reader may not have it) or ``lost`` (it is gone or no longer what it was)."""

    one: Evidence
    number: int
    member: str
    state: str

    @property
    def place(self) -> str:
        """Its name within the pack."""
        return f"attachments/{self.member}"


@dataclass(frozen=True, slots=True)
class RawFile:
    """Rows of one sheet as imported, cells masked where its reader may not see them."""

    member: str
    source: FileRows
    sheet: str | None
    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a pack tells. ``rights``: of its reader; ``reveal``: buyers as they are."""

    case: Case
    shop: Shop
    order: Timeline | None
    claim: Claim | None
    attachments: tuple[Attachment, ...]
    raw: tuple[RawFile, ...]
    gone: tuple[FileRows, ...]
    rights: RowRights
    reveal: bool
    user: str
    now: datetime

    @property
    def dispute(self) -> str:
        """The dispute whose checklist it follows."""
        rules = [flag.rule for flag in self.case.hits] + [hit.rule for hit in self.case.gone]
        return dispute_of(self.claim.kind if self.claim else None, rules)

    @property
    def checklist(self) -> Mapping[str, tuple[Attachment, ...]]:
        """Piece of evidence → the files that are it, those asked for first."""
        pieces = dict.fromkeys(CHECKLISTS[self.dispute])
        pieces |= dict.fromkeys(one.one.item for one in self.attachments if one.one.item)
        return {piece: tuple(one for one in self.attachments if one.one.item == piece) for piece in pieces}

    def text(self, said: str | None) -> str:
        """Words somebody wrote, numbers hidden where buyers are."""
        return (said if self.reveal else masked("buyer_note", said)) or ""


def collect(store: Store, scope: Scope, key: CaseKey, *, reveal: bool = False) -> Contents:
    """Gather it. ``reveal``: buyers as they are. Raises ``NotAllowed`` for who may not work cases or, with
    ``reveal``, may not see buyers; ``NotFound``."""
    if not may_work(scope.role):
        raise NotAllowed(role=scope.role)
    rights = row_rights(scope.role)
    if reveal and not rights.buyers:
        raise NotAllowed(role=scope.role)
    case = read_case(store, scope, key)
    order = _order(store, scope, key)
    files = rows_of_order(store, key.shop_id, key.subject) if order is not None else ()
    with store.read() as connection:
        shop = next(one for one in all_shops(connection) if one.id == key.shop_id)
    return Contents(
        case=case,
        shop=shop,
        order=order,
        claim=claim_of(store, scope, key),
        attachments=_attachments(store, scope, attached(store, scope, key), reveal=reveal),
        raw=tuple(_raw(files, rights, reveal=reveal)),
        gone=tuple(file for file in files if file.gone),
        rights=rights,
        reveal=reveal,
        user=scope.user,
        now=store.settings.now(),
    )


def _order(store: Store, scope: Scope, key: CaseKey) -> Timeline | None:
    """The order as far as this role may see it."""
    if key.kind != ORDER:
        return None
    try:
        return order_timeline(store, scope, key.shop_id, key.subject)
    except (NotAllowed, NotFound):
        return None


def _attachments(
    store: Store, scope: Scope, files: Sequence[Evidence], *, reveal: bool
) -> tuple[Attachment, ...]:
    found = []
    for number, one in enumerate(files, 1):
        path = evidence_path(store.settings, one.sha256)
        whole = path.is_file() and sha256_of(path) == one.sha256
        state = LOST if not whole else KEPT if may_fetch(scope, one) else WITHHELD
        name = one.file_name if reveal else masked("buyer_note", one.file_name)
        found.append(Attachment(one, number, name_out(clean_name(name or ""), one.kind, number), state))
    return tuple(found)


def _raw(files: Sequence[FileRows], rights: RowRights, *, reveal: bool) -> Iterator[RawFile]:
    number = 0
    for file in files:
        for sheet in file.sheets:
            number += 1
            stem = clean_name(file.file).rpartition(".")[0] or "rows"
            named = f"{number:02d}-{stem}" + (f"-{clean_name(sheet.sheet)}" if sheet.sheet else "")
            fields = sheet.fields
            rows = tuple(
                (row, tuple(_cell(cell, fields[at], rights, reveal) for at, cell in enumerate(cells)))
                for row, cells in sheet.rows
            )
            yield RawFile(f"raw_rows/{named}.csv", file, sheet.sheet, sheet.headers, rows)


def _cell(cell: str, fields: Sequence[str], rights: RowRights, reveal: bool) -> str:
    """A cell as its reader may see it. Where buyers are hidden, so is what no column of ours explains."""
    if not rights.money and (not fields or any(name in MONEY or name.startswith("_") for name in fields)):
        return HIDDEN if cell.strip() else cell
    if reveal or not cell.strip():
        return cell
    if not fields or any(name.startswith("_") for name in fields):
        return HIDDEN
    if personal := [name for name in fields if name in BUYERS]:
        return masked(personal[0], cell.strip()) or "" if personal[0] in PERSONAL else HIDDEN
    return cell
