"""The reasons that more than one module of the domain, or a room above it, gives for a refusal.

A code is defined once, in the whole program. What only one module gives is defined there.
"""

from domain.refusal import Reason

ALREADY_PAIRED = Reason(
    code="already_paired",
    zh="该帮扶人与这名儿童在此期间已经结对",
    en="This carer is already paired with the child at that time.",
)
BAD_PATH = Reason(
    code="bad_org_path",
    zh="机构路径应为“县/镇/学校/年级/班”，各级不得为空，最多五级",
    en="Write an organisation path as COUNTY/TOWNSHIP/SCHOOL/GRADE/CLASS, with no empty part "
    "and five at most.",
)
BAD_PERIOD = Reason(
    code="bad_period",
    zh="不是该规则周期的写法：周 2026-W10，月 2026-03，学期 2026-spring",
    en="Not a period of this kind. Write a week as 2026-W10, a month as 2026-03, a term as 2026-spring.",
)
BEFORE_LAST_MOVE = Reason(
    code="before_last_move",
    zh="日期早于该儿童上一次建档或转接",
    en="The day is before the child's last move or enrolment.",
)
BLANK = Reason(code="blank", zh="不能为空", en="Must not be blank.")
CHILD_TWICE = Reason(code="child_twice", zh="同一儿童列出了两次", en="A child is named twice.")
CONTROL_CHARACTER = Reason(code="control_character", zh="含有控制字符", en="Contains a control character.")
ENDS_BEFORE_IT_BEGINS = Reason(
    code="ends_before_it_begins", zh="起止日期先后不符", en="The end must be after the beginning."
)
IN_THE_FUTURE = Reason(code="in_the_future", zh="日期晚于今天", en="The day is after today.")
IS_VOID = Reason(code="is_void", zh="该记录已作废", en="The event is already void.")
MERGED_INTO = Reason(
    code="merged_into",
    zh="该档案已并入另一份档案，请登记到那份档案；如并错了，请先撤回并档",
    en="This file was merged into another one: record it there. If the merge was wrong, undo it first.",
)
MISSING = Reason(code="missing", zh="未填写", en="Must be filled in.")
NOTHING_CORRECTED = Reason(code="nothing_corrected", zh="没有写明更正内容", en="No correction is given.")
NO_SUCH_ACTION = Reason(
    code="no_such_action",
    zh="尚无这一条关爱记录",
    en="The child has no such care action yet.",
)
NO_SUCH_EVENT = Reason(code="no_such_event", zh="该儿童尚无这条记录", en="The child has no such event yet.")
NO_SUCH_PAIRING = Reason(code="no_such_pairing", zh="没有这一结对", en="The child has no such pairing.")
RESERVED_ID = Reason(
    code="reserved_id",
    zh="UUID 第 8 版留作系统自用，请用第 4 或第 7 版",
    en="UUIDs of version 8 are reserved for the ledger. Use version 4 or 7.",
)
RULE_TWICE = Reason(
    code="rule_twice",
    zh="同一规则的同一版本出现了两次",
    en="The same version of a rule is given twice.",
)
SAME_FILE = Reason(
    code="same_file",
    zh="两处写的是同一份档案，请写明另一份",
    en="Both are the same file. Name the other one.",
)
TOO_FEW = Reason(code="too_few", zh="项目过少", en="Fewer items than needed.")
TOO_LARGE = Reason(code="too_large", zh="大于允许的最大值", en="Above the largest value allowed.")
TOO_LONG = Reason(code="too_long", zh="超过允许的长度", en="Longer than allowed.")
TOO_MANY = Reason(code="too_many", zh="项目过多", en="More items than allowed.")
TOO_SMALL = Reason(code="too_small", zh="小于允许的最小值", en="Below the smallest value allowed.")
TRANSFER_OPEN = Reason(
    code="transfer_open",
    zh="该儿童另有一项转接尚未办结",
    en="Another transfer of the child is still undecided.",
)
UNKNOWN_CHILD = Reason(code="unknown_child", zh="没有这名儿童的档案", en="No such child is enrolled.")
UNKNOWN_FIELD = Reason(code="unknown_field", zh="未知字段", en="Unknown field.")
UNKNOWN_TYPE = Reason(code="unknown_type", zh="没有这一类型", en="No such event type.")
UNKNOWN_WORD = Reason(code="unknown_word", zh="用词无法识别", en="This word is not allowed here.")
WRITTEN_BEFORE = Reason(
    code="written_before_it_happened",
    zh="登记日期早于发生日期",
    en="It was written down before it happened.",
)
WRONG_VALUE = Reason(
    code="wrong_value",
    zh="值的类型、范围、日期或用词不符合要求",
    en="Wrong type or out of range, no valid date, or a word that is not allowed here.",
)
