"""Files that may be of one child, as answers name them."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.answer import Answer, CaseNo, ChildId, Org, StudentNo, personal, shown
from api.recording import Recorded, RecordedOnAny
from api.resource import Answered, Call
from application.children.doubles import MayBe

_SIGNS = (
    "id_number, student_no, name, sound, birth_date, sex, father, mother, guardian. "
    "What one file says nothing of is in neither list."
)
Agrees = Annotated[list[str], shown("一致", "Agrees", _SIGNS)]
Differs = Annotated[list[str], shown("不一致", "Differs", _SIGNS)]
Score = Annotated[int, shown("相似分", "Score", "How much speaks for it; only to be compared.")]


class FileAlike(Answer):
    """A file that may be of the same child as another."""

    child_id: ChildId
    case_no: CaseNo
    org: Org
    name: Annotated[str | None, personal("姓名", "Name")]
    student_no: StudentNo


class MayBeSame(Answer):
    """A file that may be of the child that was just enrolled, and why."""

    child_id: ChildId
    case_no: CaseNo
    score: Score
    agrees: Agrees
    differs: Differs


MayBeOf = Annotated[
    list[MayBeSame] | UnsetType,
    shown(
        "疑似同一名儿童",
        "May be the same",
        "Files that the key may read and that may be of this child, the likeliest first. "
        "A hint: the child is enrolled. Missing where there is none.",
    ),
]


class Enrolled(Recorded, kw_only=True):
    """Where an enrolment stands, new or not."""

    may_be: MayBeOf = UNSET


def hinting(call: Call, answered: Answered, child_id: UUID) -> Answered:
    """Add to the answer to an enrolment which files may be of the same child."""
    body = answered.body
    if not isinstance(body, RecordedOnAny) or not (found := hints(call, [child_id])):
        return answered
    said = {name: getattr(body, name) for name in ("state", "event_id", "position", "version", "late")}
    enrolled = Enrolled(child_id=child_id, may_be=found[child_id], **said)
    return Answered(body=enrolled, status=answered.status, version=answered.version)


def hints(call: Call, child_ids: Sequence[UUID]) -> Mapping[UUID, list[MayBeSame]]:
    """Return which files may be of the same children as some; who there are none for is left out."""
    found = call.system.doubles.like_children(child_ids, actor=call.actor)
    return {child_id: [_hint(each) for each in some] for child_id, some in found.items()}


def _hint(file: MayBe) -> MayBeSame:
    likeness = file.likeness
    return MayBeSame(
        child_id=file.child_id,
        case_no=file.case_no,
        score=likeness.score,
        agrees=list(likeness.agrees),
        differs=list(likeness.differs),
    )
