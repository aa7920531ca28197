"""Who answers for what: groups, sides of the work, grades, classes, households, letters of layers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.groups.formed import GroupKind
from domain.streams.groups.group import Group, Membership
from domain.streams.groups.kind import KIND as GROUP
from domain.streams.groups.members import GroupRole
from domain.streams.responsibilities.assigned import Side
from domain.streams.responsibilities.kind import KIND as MATRIX
from domain.streams.responsibilities.matrix import Assignment, Letter
from reports import filters
from reports.columns import SIGNED, open_, org, personal
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of

ONE_LEADING = Text(zh="领导小组不止一个", en="more than one leading group")
NO_HEAD = Text(zh="没有组长", en="nobody heads it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A group on a day, with those who belong to it then."""

    org: str
    group: Group
    members: Sequence[Membership]
    marks: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongs:
    """A member of a group."""

    org: str
    group: Group
    member: Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Somebody answers for something."""

    org: str
    assignment: Assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A side for which nobody answers in an organisation that has said who answers for others."""

    org: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A letter on a day."""

    org: str
    letter: Letter
    day: date

    @property
    def holds(self) -> bool:
        """Whether it binds on that day."""
        return self.letter.valid_to is None or self.day <= self.letter.valid_to


GROUPS: Table[Grouped] = Table(
    name="groups",
    title=Text(zh="小组", en="Groups"),
    columns=(
        open_("name", "名称", "Name", lambda x: x.group.formed.name if x.group.formed else None),
        open_("kind", "类型", "Kind", lambda x: x.group.formed.kind if x.group.formed else None),
        open_("level", "层级", "Level", lambda x: x.group.formed.level if x.group.formed else None),
        open_("members", "成员（人）", "Members", lambda x: len(x.members)),
        personal("head", "组长", "Head", lambda x: tuple(_heads(x.members)), lines=True),
        open_("services", "服务项目", "Services", lambda x: x.group.formed.services, lines=True),
        open_("marks", "提示", "To look at", lambda x: x.marks, lines=True),
        org(),
        open_("group_id", "小组编号", "Group id", lambda x: x.group.stream_id),
    ),
)
MEMBERS: Table[Belongs] = Table(
    name="members",
    title=Text(zh="小组成员", en="Members of groups"),
    columns=(
        open_("group", "小组", "Group", lambda x: x.group.formed.name if x.group.formed else None),
        personal("name", "姓名", "Name", lambda x: x.member.name),
        open_("role", "职务", "Role", lambda x: x.member.role),
        open_("post", "所任职务", "Post", lambda x: x.member.post),
        open_("since", "自", "Since", lambda x: x.member.since),
        open_("until", "至", "Until before", lambda x: x.member.until),
        org(),
    ),
)
LETTERS: Table[Bound] = Table(
    name="letters",
    title=Text(zh="层级责任书", en="Letters of layers"),
    columns=(
        open_("layer", "层级", "Layers", lambda x: x.letter.layer),
        open_("about", "内容", "About", lambda x: x.letter.about),
        open_("bound", "责任单位或岗位", "Who is bound", lambda x: x.letter.bound),
        open_("signed_on", "签订日期", "Signed on", lambda x: x.letter.signed_on),
        open_("valid_to", "有效期至", "Valid to", lambda x: x.letter.valid_to),
        open_("holds", "有效", "Holds", lambda x: x.holds),
        org(),
    ),
)
GAPS: Table[Gap] = Table(
    name="gaps",
    title=Text(zh="无人负责的方面", en="Sides for which nobody answers"),
    columns=(open_("side", "负责方面", "Side", lambda x: x.side), org()),
)
ASSIGNED: Table[Answers] = Table(
    title=Text(zh="责任分工", en="Who answers for what"),
    columns=(
        open_("side", "负责方面", "Answers for", lambda x: x.assignment.side),
        open_("scope", "范围", "Scope", lambda x: x.assignment.scope),
        personal("holder", "负责人", "Who", lambda x: x.assignment.holder),
        open_("post", "职务", "Post", lambda x: x.assignment.post),
        open_("households", "户数", "Households", lambda x: x.assignment.households or None),
        open_("duties", "职责", "Duties", lambda x: x.assignment.duties),
        open_("since", "自", "Since", lambda x: x.assignment.since),
        open_("until", "至", "Until before", lambda x: x.assignment.until),
        org(),
    ),
    signed=SIGNED,
)
# What a school shares out among its people: S0.8 and S0.15 do so, each in its own way.
_SIDES = (Side.SAFETY, Side.THOUGHT, Side.STUDY, Side.LIFE)


def _heads(members: Sequence[Membership]) -> Iterator[str]:
    return (each.name for each in members if each.role is GroupRole.HEAD)


def read(asked: Asked) -> Found:
    """Say who answers for what on a day, in an organisation and below."""
    at = clocks(now=asked.system.now(), as_of=asked.day("on"))
    day = at.as_of
    groups = sorted(_groups(asked, day), key=lambda x: (x.org, x.group.stream_id))
    matrices = sorted(streams_of(asked, MATRIX), key=lambda pair: (pair[0], pair[1].stream_id))
    answers = [
        Answers(org=where, assignment=each)
        for where, matrix in matrices
        for each in matrix.assignments
        if each.holds(day)
    ]
    answers.sort(key=lambda x: (x.org, [*Side].index(x.assignment.side), x.assignment.scope or ""))
    letters = [
        Bound(org=where, letter=each, day=day)
        for where, matrix in matrices
        for each in matrix.letters
        if each.signed_on <= day
    ]
    members = [Belongs(org=x.org, group=x.group, member=each) for x in groups for each in x.members]
    return Found(
        tables=(
            GROUPS.filled(groups),
            MEMBERS.filled(members),
            LETTERS.filled(letters),
            GAPS.filled(list(_gaps(answers))),
            ASSIGNED.filled(answers),
        ),
        population=ENROLLED,
        clocks=at,
        notes=(),
    )


def _groups(asked: Asked, day: date) -> Iterator[Grouped]:
    found = [
        (where, group)
        for where, group in streams_of(asked, GROUP)
        if any(fact.day <= day for fact in group.facts)
        and (group.dissolved_on is None or day < group.dissolved_on)
    ]
    leading = Counter(w for w, group in found if group.formed and group.formed.kind is GroupKind.LEADING)
    for where, group in found:
        there = [x for x in group.members if x.since <= day and (x.until is None or day < x.until)]
        is_leading = group.formed is not None and group.formed.kind is GroupKind.LEADING
        marks = [NO_HEAD] if not any(_heads(there)) else []
        marks += [ONE_LEADING] if is_leading and leading[where] > 1 else []
        yield Grouped(org=where, group=group, members=there, marks=tuple(marks))


def _gaps(answers: Sequence[Answers]) -> Iterator[Gap]:
    taken: dict[str, set[Side]] = {}
    for each in answers:
        taken.setdefault(each.org, set()).add(each.assignment.side)
    for where, sides in taken.items():
        if Side.OVERALL not in sides:
            yield from (Gap(org=where, side=side) for side in _SIDES if side not in sides)


REPORT = Report(
    name="responsibilities",
    title=Text(zh="责任分工", en="Responsibilities"),
    text=Text(
        zh="谁负责什么：小组与成员，分管方面，包年级、包班、包户，层级责任书",
        en="Who answers for what: groups, sides of the work, grades, classes, households, letters.",
    ),
    filters=(filters.ORG, filters.ON),
    tables=(GROUPS, MEMBERS, LETTERS, GAPS, ASSIGNED),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=137,
)
