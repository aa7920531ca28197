"""Who is there: organisations, keys, carers, and those who are told of alerts. Everybody is made up."""

from application.access import Role
from domain.rules.rule import rule_to_data
from domain.rules.rule_files import presets
from tests.upgrade.teller import OPERATOR, Teller, an_id

# Two counties with keys of their own, a third without anybody to tell, and one that is spelled with a blank.
A = "溪口县/东岭镇/中心小学"
A1, A2, A3 = f"{A}/三年级/一班", f"{A}/三年级/二班", f"{A}/三年级\u200b/一班"
AM = "溪口县/东岭镇/东岭中学"
AM1 = f"{AM}/七年级/一班"
AV = "溪口县/西河镇/西河村"
# Two schools that one normal form makes one of.
AC1, AC2 = "溪口县/西河镇/（中心校）", "溪口县/西河镇/(中心校)"
AI = "溪口县/西河镇/花园小学"
B = "南坪县/河湾镇/河湾小学"
B1 = f"{B}/四年级/一班"
BB = "南 坪县/山口镇/山口小学"
C = "石桥县/上街镇/上街小学"
# No child was ever enrolled here.
EMPTY = "溪口县/西河镇/空村小学"
ORGS = (EMPTY, A1, A2, A3, AM1, AV, AC1, AC2, AI, B1, BB, C)
PUPILS = {A: 502, AM: 810, B: 333, C: 41}

# By what others call them: name, role, organisation, types, days.
KEYS: dict[str, tuple[str, Role, str, tuple[str, ...] | None, int]] = {
    "office": ("市办公室", Role.MANAGER, "", None, 366),
    "city_auditor": ("市督查", Role.AUDITOR, "", None, 366),
    "a_manager": ("溪口县教育局", Role.MANAGER, "溪口县", None, 366),
    "a_auditor": ("溪口县督查", Role.AUDITOR, "溪口县", None, 366),
    "a_watcher": ("溪口县值班", Role.WATCHER, "溪口县", None, 366),
    "a_school": ("中心小学终端", Role.CLIENT, A, None, 366),
    # The same name and place again, as after a phone was lost; and the same name elsewhere.
    "a_school_new": ("中心小学终端", Role.CLIENT, A, None, 366),
    "b_namesake": ("中心小学终端", Role.CLIENT, B, None, 366),
    "a_class": ("一班班主任", Role.CLIENT, A1, None, 366),
    "a_talks": ("谈心室", Role.CLIENT, A, ("talk_held", "call_made"), 366),
    "am_school": ("东岭中学终端", Role.CLIENT, AM, None, 366),
    "b_manager": ("南坪县教育局", Role.MANAGER, "南坪县", None, 366),
    "b_school": ("河湾小学终端", Role.CLIENT, B, None, 366),
    "b_watcher": ("南坪县值班", Role.WATCHER, "南坪县", None, 366),
    "c_school": ("上街小学终端", Role.CLIENT, C, None, 366),
    # The name under which the program itself writes.
    "named_as_system": ("careledger", Role.CLIENT, A, None, 366),
    "expired": ("旧终端", Role.CLIENT, A, None, 60),
    "revoked": ("遗失终端", Role.CLIENT, A, None, 366),
}

# By what others call them: name, organisation, staff number, capacity.
CARERS: dict[str, tuple[str, str, str | None, int | None]] = {
    "lu": ("卢老师", A, "T-01", 40),
    # The same name in the same school, told apart by a number that differs in its width alone.
    "lu_wide": ("卢老师", A, "Ｔ-01", None),
    "lu_blank": ("卢 老师", A, None, None),
    "lu_am": ("卢老师", AM, None, 20),
    "peng": ("彭老师", A, None, 3),
    "shi": ("石老师", A, "T-03", None),
    "k_wide": ("Ｋ老师", A, "K1", None),
    "k_small": ("k老师", A, "k1", None),
    "aili_dot": ("艾力·买买提", A, None, None),
    "aili_bullet": ("艾力•买买提", A, None, None),
    "aili_katakana": ("艾力・买买提", AM, None, None),
    "village": ("孟主任", AV, None, None),
    "wide_school": ("钱老师", AC1, None, None),
    "narrow_school": ("钱老师", AC2, None, None),
    "gone": ("离岗老师", A, None, None),
    "b_he": ("何老师", B, "B-7", 30),
    "b_lu": ("卢老师", B, None, None),
    "c_shang": ("尚老师", C, None, None),
}

SECRET = "whsec_" + "Y2FyZWxlZGdlci10ZXN0LXNlY3JldC0wMDAx"
OLD_SECRET = "whsec_" + "Y2FyZWxlZGdlci10ZXN0LXNlY3JldC0wMDAw"
RECIPIENTS: dict[str, dict[str, object]] = {
    "a_desk": {"org": A, "name": "德育处", "channel": "inbox", "from_step": "warning"},
    "a_quiet": {
        "org": AM,
        "name": "年级组",
        "channel": "inbox",
        "from_step": "info",
        "quiet_from": 7,
        "quiet_until": 20,
        "most_per_hour": 4,
    },
    "a_hook": {
        "org": "溪口县",
        "name": "溪口县平台",
        "channel": "webhook",
        "address": "https://a.watch.example/hook",
        "secret": SECRET,
        "previous_secret": OLD_SECRET,
        "from_step": "high",
        "catch_all": True,
    },
    "a_mail": {
        "org": "溪口县/东岭镇",
        "name": "东岭镇民政",
        "channel": "email",
        "address": "desk@dongling.example",
        "from_step": "critical",
    },
    "b_hook": {
        "org": "南坪县/河湾镇",
        "name": "河湾镇平台",
        "channel": "webhook",
        "address": "https://b.watch.example/hook",
        "secret": SECRET,
        "from_step": "info",
    },
    "b_desk": {
        "org": "南坪县",
        "name": "南坪县值班",
        "channel": "inbox",
        "from_step": "high",
        "catch_all": True,
    },
    # A channel that does not come with the program.
    "b_sms": {
        "org": B,
        "name": "河湾小学短信",
        "channel": "sms",
        "address": "10000000009",
        "from_step": "high",
    },
    # What could never be reached, which 0.1 registers without a word and later versions refuse.
    "a_private": {
        "org": AM,
        "name": "内网平台",
        "channel": "webhook",
        "address": "https://127.0.0.1/hook",
        "secret": "whsec_QQ==",
        "from_step": "high",
    },
    "removed": {"org": A, "name": "原值班员", "channel": "inbox", "from_step": "info"},
}

# Bound by a county's key over the API; C39 again from a day in the future of the store.
BINDINGS: tuple[tuple[str, dict[str, object]], ...] = (
    ("a_manager", {"org": A, "rule_id": "C39", "effective_from": "2026-03-01"}),
    ("a_manager", {"org": "溪口县", "rule_id": "C18", "effective_from": "2026-03-01"}),
    ("a_manager", {"org": AM, "rule_id": "C27", "effective_from": "2026-03-02"}),
    ("a_manager", {"org": A, "rule_id": "C36", "effective_from": "2026-03-01", "effective_to": "2026-07-01"}),
    ("b_manager", {"org": B, "rule_id": "C05", "effective_from": "2026-04-01"}),
    ("b_manager", {"org": "南坪县", "rule_id": "C04", "effective_from": "2026-03-01"}),
    ("b_manager", {"org": B, "rule_id": "C39", "effective_from": "2026-09-01"}),
)


def set_up(tell: Teller) -> None:
    """Let everybody be there, on 20 February 2026."""
    units = tell.system.organisations
    for org in ORGS:
        units.ensure(org, actor=OPERATOR)
    for org, pupils in PUPILS.items():
        units.count_pupils(org, pupils=pupils, actor=OPERATOR)
    units.count_pupils(A, pupils=498, actor=OPERATOR)
    for slug, (name, role, org, types, days) in KEYS.items():
        tell.holder(slug, name, role, org=org, types=types, days=days)
    for slug in CARERS:
        _carer(tell, slug)
    for slug, body in RECIPIENTS.items():
        status = (200, 201, 422) if slug == "a_private" else (200, 201)
        tell.send("office", "PUT", f"/v1/recipients/{recipient_id(slug)}", body, status=status)
    for by, body in BINDINGS:
        tell.send(by, "POST", "/v1/rule-bindings", body)
    tell.send(
        "b_manager",
        "POST",
        "/v1/rule-bindings",
        {"org": B, "rule": own_rule(), "effective_from": "2026-03-01"},
    )
    _removed(tell)


def own_rule() -> dict[str, object]:
    """Return a rule of a county's own that names no number: nobody can fall short of it."""
    rule = rule_to_data(presets()["C18", 1])
    (wanted,) = rule["requirements"]
    return rule | {
        "rule_id": "NP1",
        "title": {"zh": "经常谈心", "en": "Talks now and then"},
        "source": "南坪县",
        "requirements": [{name: value for name, value in wanted.items() if name != "n"}],
    }


def recipient_id(slug: str) -> str:
    return str(an_id(f"recipient {slug}"))


def _carer(tell: Teller, slug: str) -> None:
    name, org, staff_no, capacity = CARERS[slug]
    more = {"staff_no": staff_no, "capacity": capacity} | tell.later(f"carer {slug}", {})
    tell.carer(slug, name, org, **{key: value for key, value in more.items() if value is not None})


def _removed(tell: Teller) -> None:
    tell.send("office", "DELETE", f"/v1/recipients/{recipient_id('removed')}", status=204)
    # What was sent first is not to be sent again: it would bring the first word back.
    tell.forget(f"/v1/recipients/{recipient_id('removed')}")
