"""How a command ends: the codes of its exit, each for one thing that a script may want to tell apart."""

from application.reasons import UNKNOWN_ORG
from application.reports.notes import (
    EMPTY_LEDGER,
    NO_RULE_BOUND,
    NOBODY_THERE,
    NOTHING_KNOWN,
    RULE_NOT_BOUND,
)
from domain.refusal import Text

DONE, REFUSED, USAGE, NO_LEDGER, NEEDS_A_YES, INTERRUPTED = 0, 1, 2, 3, 4, 130
NOBODY, NOT_KNOWN_THEN, NOT_BOUND, NO_SUCH_ORG, PARTLY, NONE_RECORDED = 5, 6, 7, 8, 9, 10
# Where a question had no meaning, by the code that is told: of a note beside the answer, or of a refusal.
EXITS: dict[str, int] = {
    EMPTY_LEDGER.code: NOBODY,
    NOBODY_THERE.code: NOBODY,
    NOTHING_KNOWN.code: NOT_KNOWN_THEN,
    RULE_NOT_BOUND.code: NOT_BOUND,
    NO_RULE_BOUND.code: NOT_BOUND,
    UNKNOWN_ORG.code: NO_SUCH_ORG,
}
# What each means, for the reference.
MEANINGS: dict[int, Text] = {
    DONE: Text(zh="已完成", en="Done"),
    REFUSED: Text(
        zh="未接受、发现问题，或有档案无法读取",
        en="Refused, or a problem was found, or a file could not be read",
    ),
    USAGE: Text(zh="命令用法有误", en="Wrong usage"),
    NO_LEDGER: Text(
        zh="此处没有台账（`no_ledger`），未新建", en="No ledger there (`no_ledger`); none was created"
    ),
    NEEDS_A_YES: Text(
        zh="升级、导入或并档须先同意，什么都没有做",
        en="An upgrade, an import or a merge needs a yes; nothing was done",
    ),
    NOBODY: Text(
        zh="没有可问的儿童（`empty_ledger`、`nobody_there`）",
        en="Nobody to ask about (`empty_ledger`, `nobody_there`)",
    ),
    NOT_KNOWN_THEN: Text(
        zh="按所问的日期和知情时间尚无记录（`nothing_known`）",
        en="Nothing was known under these two clocks (`nothing_known`)",
    ),
    NOT_BOUND: Text(
        zh="规则在此期间不适用（`rule_not_bound`）", en="The rule was not bound then (`rule_not_bound`)"
    ),
    NO_SUCH_ORG: Text(zh="没有这一机构（`unknown_org`）", en="No such organisation (`unknown_org`)"),
    PARTLY: Text(
        zh="已导入，但部分行或栏目未接受（见所列）",
        en="Imported, but lines, rows or parts of rows were refused, as listed",
    ),
    NONE_RECORDED: Text(zh="文件中没有一行被登记", en="Nothing of the file was recorded"),
    INTERRUPTED: Text(zh="已中断", en="Interrupted"),
}
