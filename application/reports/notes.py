"""What an answer must say of itself where its figures alone would mislead: nobody there, nothing known.

A note is a reason by its code, which stands beside the answer and refuses nothing.
"""

from datetime import date, datetime
from typing import Any

from application.eventstore.database import Database
from domain.catalogue import types_with
from domain.days import local_day
from domain.effects import Effect
from domain.ledger.kind import UNNAMED, StreamKind
from domain.refusal import Reason
from domain.subtree import CHILD_WITHIN, WITHIN, below

EMPTY_LEDGER = Reason(
    code="empty_ledger",
    zh="此台账中还没有任何儿童",
    en="No child has ever been enrolled in this ledger.",
)
NOBODY_THERE = Reason(
    code="nobody_there",
    zh="该机构中从未有过儿童",
    en="No child has ever been enrolled in this organisation.",
)


def _nothing_known(*, zh: str, en: str) -> Reason:
    return Reason(
        code="nothing_known",
        zh=f"按所问的日期和知情时间，这里还没有{zh}的记录（导入的材料自导入之时起才为系统所知）",
        en=f"As of that day and as known at that moment {en} was on record here. "
        "What was imported is known from its import on.",
    )


NOTHING_KNOWN = _nothing_known(zh="儿童", en="nothing")
RULE_NOT_BOUND = Reason(
    code="rule_not_bound",
    zh="该规则在此期间对这里的儿童都不适用，各项为零；unbound 一项是假定适用时的结果",
    en="The rule was bound for no child here in that period, so every figure is zero; "
    "`unbound` tells how they would stand under it.",
)
PARTLY_BOUND = Reason(
    code="partly_bound",
    zh="该规则只对其中一部分儿童适用；其余儿童不计入，见 unbound 一项",
    en="The rule was bound for some of the children only; the others are not counted, see `unbound`.",
)
NO_RULE_BOUND = Reason(
    code="no_rule_bound",
    zh="在此期间没有对这里适用的规则",
    en="No rule was bound here in that period.",
)
NOBODY_WATCHED = Reason(
    code="nobody_watched",
    zh="这里的儿童在所问期间都不属于关注范围（watched@1），因此不计入",
    en="No child here was among those watched (watched@1) in that period, so none is counted.",
)
ORGANISATION_UNREAD = Reason(
    code="organisation_unread",
    zh="有机构的档案无法读取（密钥缺失或已损坏）：其规则与关注范围未经验证，或不得而知",
    en="The file of an organisation can't be read, for want of its key or for damage: its rules, and whom it "
    "watches, are not verified, or not known.",
)
FUTURE_DAY = Reason(
    code="future_day",
    zh="所问的日期尚未到来：以下是假定此前不再发生任何事的推算，并非事实",
    en="That day is still to come: this is what it would be like if nothing more happened until then, not a "
    "fact.",
)
NOT_JUDGED_YET = Reason(
    code="not_judged_yet",
    zh="有儿童尚待评判，结果可能不全，请稍后再问",
    en="Some children have not been judged yet. Ask again later.",
)


def nothing_known(kind: StreamKind[Any]) -> Reason:
    """Return what is said of a stream of a kind of which nothing was known."""
    if kind.name == UNNAMED:
        return NOTHING_KNOWN
    return _nothing_known(zh=kind.label.zh, en=f"no {kind.label.en.lower()}")


def of_day(day: date, *, now: datetime) -> tuple[Reason, ...]:
    """Say of an answer about a day that it is a projection, where the day is still to come in Shanghai."""
    return (FUTURE_DAY,) if day > local_day(now) else ()


def why_nobody(database: Database, *, org: str) -> Reason:
    """Return why a question about the children of an organisation found none under its two clocks."""
    if database.one("SELECT child_id FROM child_status LIMIT 1") is None:
        return EMPTY_LEDGER
    ever = (
        f"SELECT child_id FROM child_status WHERE {CHILD_WITHIN}"  # noqa: S608  a constant
        " UNION ALL SELECT originator_id FROM events"
        f" WHERE topic IN :placing AND {WITHIN} LIMIT 1"
    )
    return (
        NOBODY_THERE
        if database.one(ever, placing=types_with(Effect.PLACES), **below(org)) is None
        else NOTHING_KNOWN
    )
