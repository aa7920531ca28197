"""The children, in a line each: where, called what, whose parents are where, and who reached them when."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.upgrade.people import A1, A2, A3, AC1, AC2, AM1, AV, B1, BB, C
from tests.upgrade.teller import Teller, an_id, met


@dataclass(frozen=True, slots=True, kw_only=True)
class Kid:
    """A child as its school enrols it.

    `parents` says of father and mother in turn A for away, H for at home, - for nothing recorded. `reached`
    are days with how: "05-20v" a visit, c a call, t a talk, n a visit that met nobody.
    """

    slug: str
    org: str
    name: str
    parents: str
    enrolled: str = "03-01"
    reached: str = ""
    number: str = ""
    born: str = "2016-05-20"
    tags: tuple[str, ...] = ()
    more: tuple[tuple[str, Any], ...] = ()


def _kid(slug: str, org: str, name: str, parents: str, days: str, **more: Any) -> Kid:
    """Write a child; `days` begin with that of its enrolment."""
    enrolled, _, reached = days.partition(" ")
    return Kid(slug=slug, org=org, name=name, parents=parents, enrolled=enrolled, reached=reached, **more)


# Who is watched, and who only was: away or not, tagged, unknown; and silent, so that an alert is open.
WATCHED = (
    _kid("both_away", A1, "林小禾", "AA", "03-01 03-05v 03-19v 04-02c 04-16v 04-30t 05-14v 05-28v 06-24v"),
    _kid("one_away", A1, "陈小满", "AH", "03-01 03-12v 04-09c 05-07v 06-04n 06-25v"),
    _kid("home_silent", A1, "杨小雪", "HH", "04-20"),
    _kid("home_fresh", A1, "杨小雨", "HH", "06-01 06-24v"),
    _kid("home_info", A2, "周小舟", "HH", "06-12"),
    _kid("home_acknowledged", A2, "吴小溪", "HH", "05-20"),
    _kid("home_snoozed", A2, "郑小山", "HH", "05-20"),
    _kid("home_resolved", A2, "王小河", "HH", "05-20 06-10v"),
    _kid("special_group", A1, "冯小特", "HH", "05-14", tags=("special_group",)),
    _kid("distressed", A1, "陈小困", "HH", "05-20", tags=("distressed",)),
    _kid("poor", A2, "褚小贫", "HH", "05-20", tags=("poor",)),
    _kid("migrant", AM1, "卫小流", "HH", "05-20", tags=("migrant",)),
    _kid("key_target", A2, "蒋小重", "HH", "05-20", tags=("key_target", "poor")),
    _kid("retagged", A2, "沈小改", "HH", "05-20", tags=("poor",)),
    _kid("unknown_both", A1, "韩小未", "--", "05-20"),
    _kid("unknown_mother", A1, "韩小半", "H-", "05-20"),
    _kid("unknown_father", AM1, "韩小另", "-H", "05-20"),
    _kid("came_back", A2, "秦小归", "AH", "05-02 05-10v"),
    _kid("away_is_over", A2, "尤小往", "AH", "05-20"),
    _kid("village_child", AV, "许小村", "AA", "05-04"),
    _kid("b_home_silent", B1, "何小家", "HH", "05-20"),
    _kid("b_unknown", B1, "何小未", "--", "05-20"),
    _kid("b_away", B1, "何小远", "AA", "03-01 03-20v 04-18c 05-16v 06-21t"),
    _kid("am_quiet", AM1, "施小静", "AA", "06-10 06-16v"),
    _kid("b_quiet", B1, "何小静", "AA", "06-10 06-16v"),
    _kid("c_away", C, "尚小远", "AA", "05-01"),
    _kid("c_home", C, "尚小家", "HH", "05-20"),
)

# What becomes of an alert; the rest of their stories is told in `alerts`.
ALERTED = (
    _kid("al_info", A1, "朱小一", "AA", "06-01 06-12v"),
    _kid("al_warning", A1, "朱小二", "AH", "05-20 05-25v"),
    _kid("al_high", AM1, "朱小三", "AA", "05-02 05-12v"),
    _kid("al_critical", A2, "朱小四", "AA", "04-12 04-20v"),
    _kid("al_acknowledged", A2, "朱小五", "AA", "05-10 05-20v"),
    _kid("al_snoozed", A2, "朱小六", "HA", "05-10 05-20v"),
    _kid("al_snooze_over", A2, "朱小七", "AA", "05-10 05-20v"),
    _kid("al_ended", A1, "朱小八", "AA", "04-24 05-01v 05-20v 06-18v"),
    _kid("al_reopened", A1, "朱小九", "AA", "05-01 05-05v"),
    _kid("al_never", A1, "朱小十", "AA", "05-01 05-08v"),
    _kid("al_exited", A1, "朱小百", "AA", "05-01 05-08v"),
    _kid("al_of_age", AM1, "朱大千", "AA", "05-01 05-10v", born="2008-06-10"),
    _kid("al_redated", A1, "朱小万", "AA", "05-01 05-10v"),
    _kid("al_last", B1, "朱小末", "AA", "05-01 05-06v"),
)

# Whose entries of one day differ in nothing but when they were recorded; told in `days`.
SAME_DAY = (
    _kid("day_profile", A1, "孔小名", "AA", "05-04"),
    _kid("day_guardian", A1, "曹小护", "AA", "05-04 06-22v"),
    _kid("day_parent_leaves", A1, "严小去", "-H", "05-04 06-22v"),
    _kid("day_parent_returns", A1, "严小回", "-H", "05-04"),
    _kid("day_contacts_falling", A1, "华小降", "AA", "05-04"),
    _kid("day_contacts_rising", A1, "华小升", "AA", "05-04"),
    _kid("day_late_greater", A2, "金小晚", "AA", "05-04"),
    _kid("day_late_smaller", A2, "金小迟", "AA", "05-04"),
    _kid("day_closed", A2, "魏小了", "AA", "04-20"),
    _kid("day_moments", A2, "陶小时", "AA", "05-04"),
    _kid("day_enrolled", A2, "姜小始", "AA", "05-20"),
    _kid("day_home_contacts", A2, "戚小家", "HH", "05-04"),
    _kid("day_exit", A2, "谢小出", "AA", "05-04 06-22v"),
)

# Numbers and names that a normal form makes one, and files that tell much; told in `files`.
FILES = (
    _kid("num_plain", A1, "张三", "AA", "05-30 06-22v", number="XK0001"),
    _kid("num_wide", A2, "张 三", "AH", "05-30 06-22v", number="ＸＫ０００１"),
    _kid("num_small", AM1, "张　三", "AA", "05-30 06-22v", number="xk0001"),
    _kid("num_elsewhere", B1, "张三", "AA", "05-30 06-22v", number="Xk 0001"),
    _kid("num_blank_county", BB, "鲍小空", "AA", "05-30 06-22v", number="xk  0001"),
    _kid("num_zero_width", AC1, "艾力·买买提", "AA", "05-30 06-22v", number="XK0002\u200b"),
    _kid("num_two", AC2, "艾力•买买提", "AA", "05-30 06-22v", number="XK0002"),
    _kid("num_dot", A1, "艾力・买买提", "AA", "05-30 06-22v", number="XK·0003"),
    _kid("num_bullet", A3, "ＡＮＮＡ", "AA", "05-30 06-22v", number="XK•0003"),
    _kid("num_given_up", A1, "Anna", "AA", "05-30 06-22v", number="XK0004"),
    _kid("num_wide_given_up", A1, "史小宽", "AA", "05-30 06-22v", number="ＸＫ０００６"),
    _kid("num_six", A2, "唐小六", "AA", "05-30 06-22v", number="XK0006"),
    _kid("num_goes_over", B1, "费小过", "AA", "05-10 06-02v", number="NP0009"),
    _kid("num_waits", A1, "廉小候", "AA", "05-30 06-22v", number="ｎｐ０００９"),
    _kid("id_number", A1, "岑小证", "AA", "05-30 06-22v", more=(("id_number", "11010120160520008X"),)),
    _kid("corrected", A1, "薛小正", "AA", "03-02 03-10v 04-10v 05-10v 06-20v"),
    _kid("voided", A1, "雷小废", "AA", "03-02 03-10v 04-10v 05-10v 06-20v"),
    _kid("late", A1, "贺小晚", "AA", "03-02 06-20v"),
    _kid("paired", A1, "倪小对", "AA", "03-02 06-20v"),
    _kid("foreign", A1, "汤小外", "AA", "05-30 06-22v"),
    _kid("full", AM1, "滕小全", "--", "03-02"),
    _kid("erased", A2, "殷小删", "AA", "05-01 05-08v 05-12c"),
    _kid("waiting", A1, "罗小等", "AA", "05-30 06-22v"),
    _kid("moved_near", A1, "毕小近", "AA", "05-01 05-08v"),
    _kid("moved_far", A1, "郝小远", "AA", "05-01 05-08v"),
    _kid("moving", A2, "邬小动", "AA", "05-10 05-25v"),
    _kid("moving_far", A2, "安小动", "AA", "05-30 06-22v"),
    _kid("stayed", A1, "常小留", "AA", "05-30 06-22v"),
    _kid("kept", A1, "乐小守", "AA", "05-30 06-22v"),
)
KIDS = {kid.slug: kid for kid in (*WATCHED, *ALERTED, *SAME_DAY, *FILES)}
# Of these a school of theirs never sends lines: they leave its sight.
LEAVES = frozenset({"moved_near", "moved_far", "moving", "moving_far", "num_goes_over"})
_TYPES = {"v": "home_visit_made", "n": "home_visit_made", "c": "call_made", "t": "talk_held"}
_CARERS = {"A": "lu", "AM": "lu_am", "B": "b_he", "C": "c_shang", "AV": "village"}


def number_of(slug: str) -> str:
    """Return the student number of a child as its school wrote it to 0.1."""
    kid = KIDS[slug]
    return kid.number or f"S2026{list(KIDS).index(slug) + 1:04d}"


def number_told(tell: Teller, slug: str) -> str:
    """Return the student number of a child as its school told it to this ledger."""
    told: str = tell.later(f"number {slug}", number_of(slug))
    return told


def enrolment(tell: Teller, slug: str) -> dict[str, Any]:
    """Write the enrolment of a child as an item of a batch."""
    kid = KIDS[slug]
    tell.children.setdefault(slug, an_id(f"child {slug}"))
    sex = "female" if len(slug) % 2 else "male"
    words = {"name": kid.name, "student_no": number_told(tell, slug), "sex": sex, "birth_date": kid.born}
    tags = {"tags": list(kid.tags)} if kid.tags else {}
    return tell.item(slug, "child_enrolled", kid.enrolled, words | tags | dict(kid.more), org=kid.org)


def parents(tell: Teller, slug: str) -> list[dict[str, Any]]:
    """Write what is known of a child's parents on the day of its enrolment."""
    kid = KIDS[slug]
    said = []
    for parent, word in zip(("father", "mother"), kid.parents, strict=True):
        if word != "-":
            away: dict[str, Any] = {"away": word == "A"}
            away |= {"away_from": "2025-09-01", "place": "某省某市"} if word == "A" else {}
            away |= {"away_to": "2026-04-30"} if word == "A" and slug == "away_is_over" else {}
            away["parent"] = parent
            said.append(tell.item(slug, "parent_work_recorded", kid.enrolled, away, mark=parent))
    return said


def reached(tell: Teller, slug: str, day: str) -> list[dict[str, Any]]:
    """Write what of a child's contacts happened on a day."""
    return [_contact(tell, slug, word) for word in KIDS[slug].reached.split() if word[:-1] == day]


def _contact(tell: Teller, slug: str, word: str) -> dict[str, Any]:
    day, how = word[:-1], word[-1]
    carer = carer_of(tell, slug)
    details: dict[str, dict[str, Any]] = {
        "v": met(carer),
        "n": {"carers": [str(carer)], "outcome": "nobody_home", "record": "家中无人"},
        "c": {
            "caller": "carer",
            "called": "mother",
            "outcome": "connected",
            "minutes": 6,
            "carers": [str(carer)],
        },
        "t": {"carers": [str(carer)], "topics": ["想家"], "mood": 3, "record": "想念父母"},
    }
    return tell.item(slug, _TYPES[how], day, details[how])


def carer_of(tell: Teller, slug: str) -> UUID:
    """Return who looks after the children of a child's school."""
    org = KIDS[slug].org
    places = {AM1: "AM", B1: "B", BB: "B", C: "C", AV: "AV"}
    return tell.carers[_CARERS[places.get(org, "A")]]


def story_days() -> list[str]:
    """Return the days on which children are enrolled or reached, in order."""
    days = {kid.enrolled for kid in KIDS.values()}
    days |= {word[:-1] for kid in KIDS.values() for word in kid.reached.split()}
    return sorted(days)
