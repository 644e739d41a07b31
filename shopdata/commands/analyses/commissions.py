"""``commissions``: what influencers sold, what came back, what they cost; by influencer, day or product."""

from shopdata.analysis.influencer_document import commissions_document
from shopdata.analysis.influencers import influencers
from shopdata.analysis.return_document import return_rows
from shopdata.analysis.returns import returns
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts

BY = ("influencer", "day", "product")


def _ask(asked: Asked, texts: Texts) -> Json:
    by = questions.among("by", questions.one(texts, "by") or BY[0], BY)
    scope = questions.scope(asked.store, texts, asked.asker)
    document = commissions_document(asked.store, scope, by, asked.words)
    came = return_rows(influencers(asked.store, scope), returns(asked.store, scope), asked.words)
    return document | {"returns": came}


ANALYSIS = Analysis(
    "commissions",
    _ask,
    columns={
        "orders_paid": "",
        "paid_amount": "",
        "net_amount": "",
        "refund_rate": "",
        "refund_rate_shrunk": "ratio",
        "commission_estimated": "",
        "commission_settled": "",
        "commission_unsettled": "",
        "commission_rate_estimated": "",
        "left_low": "ratio",
    },
    flags={"by": BY},
)
