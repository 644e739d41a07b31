"""What an import does to cases: those whose hits are gone are resolved, those whose hits stand again return.

Called while hits are judged, in the same transaction. A case nothing was ever found about stays as it is.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, exists, false, func, not_, or_, select, update

from shopdata.abnormal.aside import PUT_ASIDE, answered, has_hit, of_case, put_aside
from shopdata.abnormal.case_log import note
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import GOING_ON, abnormal_answers, cases


def follow(connection: Connection, shop_id: int, now: datetime, import_id: int | None) -> None:
    """Bring the states of the shop's cases in line with the hits as they were just judged."""
    h, c = abnormal_hits.c, cases.c
    if connection.scalar(select(not_(exists(select(c.id).where(c.shop_id == shop_id))))):
        return
    left = or_(h.past_from.is_(None), h.past_from > now)
    unanswered = not_(func.coalesce(put_aside(), false()))
    back = exists(
        select(h.rule)
        .select_from(abnormal_hits.outerjoin(abnormal_answers, answered()))
        .where(of_case(), h.gone_at.is_(None), h.since <= now, left, unanswered)
    )
    going_on = select(c.kind).where(c.shop_id == shop_id, c.state.in_(GOING_ON)).distinct()
    kinds = set(connection.scalars(going_on))
    gone, standing = has_hit(kinds, h.gone_at == now), has_hit(kinds, h.gone_at.is_(None))
    for state, action, where in (
        ("open", "returned", and_(c.state.in_(PUT_ASIDE), back)),
        ("resolved", "cleared", and_(c.state.in_(GOING_ON), gone, not_(standing))),
    ):
        found = select(c.id).where(c.shop_id == shop_id, where).order_by(c.id)
        if ids := tuple(connection.scalars(found)):
            connection.execute(update(cases).where(c.id.in_(ids)).values(state=state, changed_at=now))
            note(connection, ids, now, None, action, detail={"state": state, "import": import_id})
