"""The reasons that more than one room of the application, or an entry point, gives for a refusal."""

from domain.refusal import Reason

BAD_KEY = Reason(
    code="bad_key",
    zh="密钥不正确、已过期或已吊销",
    en="The key is unknown, expired or revoked.",
)
BUSY = Reason(
    code="busy", zh="同一档案写入过于频繁，请重试", en="Too many are writing to this file at once. Try again."
)
CHILD_OR_NUMBER = Reason(
    code="child_or_number",
    zh="child_id 与 student_no 须恰好填写其一",
    en="Give exactly one of child_id and student_no.",
)
ERASED = Reason(code="erased", zh="该档案已依法删除", en="The file has been erased.")
ID_IN_USE = Reason(
    code="id_in_use", zh="该编号已属于另一类对象", en="The id already belongs to something of another kind."
)
ID_REUSED = Reason(
    code="event_id_reused",
    zh="该事件编号已用于另一内容",
    en="This event id is already recorded with other content.",
)
IMPLAUSIBLE_YEAR = Reason(code="implausible_year", zh="年份不合理", en="The year is not plausible.")
INSIDE_ADDRESS = Reason(
    code="address_inside",
    zh="webhook 的地址指向本机或内部网络，通知不会发往那里",
    en="The webhook's address is on this machine or a private network. Nothing is sent there.",
)
KEYS_EMPTY = Reason(
    code="keys_empty",
    zh="密钥库是空的，而台账中已有记录：请恢复密钥库的备份，或用 careledger keys merge 合并正确的密钥库",
    en="The keys database is empty and the log is not: restore the keys from a backup, or unite them with "
    "`careledger keys merge`.",
)
KEYS_MISSING = Reason(
    code="keys_missing",
    zh="缺少打开该档案的密钥，密钥恢复前不能读写；档案并未删除",
    en="The key of this file is missing: it can be neither read nor written until the key is back. "
    "It is not erased.",
)
SECRET_MISSING = Reason(
    code=KEYS_MISSING.code,
    zh="密钥库中的一项机密缺失或已被更改，恢复前无法处理；careledger check 会指明是哪一项",
    en="A secret in the keys database is missing or was changed, and this can't be done until it is back. "
    "`careledger check` names it.",
)
KEYS_OF_ANOTHER_LEDGER = Reason(
    code="keys_of_another_ledger",
    zh="密钥库属于另一套台账，请核对 CARELEDGER_KEYS_URL 与 CARELEDGER_DATABASE_URL",
    en="The keys database belongs to another ledger. Check CARELEDGER_KEYS_URL and CARELEDGER_DATABASE_URL.",
)
NOT_ALONE = Reason(
    code="not_alone",
    zh="与之相关的另一条记录未被接受",
    en="The entry that this one goes with was refused.",
)
NOT_ALLOWED = Reason(code="not_allowed", zh="此密钥无权执行该操作", en="This key is not allowed to do that.")
NOT_FOUND = Reason(code="not_found", zh="未找到", en="Not found.")
NO_TRANSFER = Reason(code="unknown_transfer", zh="没有这一转接", en="There is no such transfer.")
NUMBER_TAKEN = Reason(
    code="number_taken",
    zh="学籍号或身份证号已属于另一份档案",
    en="The student number or identity number belongs to another file.",
)
OWN_ROUTE = Reason(
    code="own_route",
    zh="建档请用 PUT /v1/children/{id}",
    en="Enrol with PUT /v1/children/{id}.",
)
PART_NEEDS_REDIS = Reason(
    code="part_needs_redis",
    zh="只有配置了 CARELEDGER_REDIS_URL 才能单独运行一个部分；否则请去掉 --part",
    en="A part can run alone only with CARELEDGER_REDIS_URL; without it, leave --part out",
)
SETTLED = Reason(code="item_settled", zh="该项已处理", en="The item has already been settled.")
TWO_ALIKE = Reason(
    code="carer_not_told_apart",
    zh="本校已有同名帮扶人；请为两人填写工号以便区分",
    en="The school already has a carer with this name. Give both a staff number to tell them apart.",
)
UNKNOWN_CARER = Reason(
    code="unknown_carer",
    zh="没有这名帮扶人；请核对姓名，或先用 careledger carers add 登记（接口：PUT /v1/carers/{id}）",
    en="There is no such carer. Check the name, or register it first: `careledger carers add`, or "
    "PUT /v1/carers/{id}.",
)
UNKNOWN_ORG = Reason(code="unknown_org", zh="没有这一机构", en="There is no such organisation.")
UNKNOWN_RECIPIENT = Reason(code="unknown_recipient", zh="没有这一接收人", en="There is no such recipient.")
UNKNOWN_RULE = Reason(code="unknown_rule", zh="没有这一规则或版本", en="No such rule or version.")
WHEN = Reason(
    code="when",
    zh="occurred_on 与 occurred_at 须恰好填写其一，后者须带时差",
    en="Give exactly one of occurred_on and occurred_at, the latter with its offset.",
)
IDEMPOTENCY_KEY_REUSED = Reason(
    code="idempotency_key_reused",
    zh="该 Idempotency-Key 已用于另一内容",
    en="This Idempotency-Key was already used with other content.",
)
