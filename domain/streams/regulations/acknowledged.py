"""Regulation acknowledged 制度知晓: somebody signs that he knows a version of the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.normal import undotted
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

NO_SUCH_VERSION = Reason(code="no_such_version", zh="没有这一版本", en="There is no such version.")
ADVICE_ON_NO_SUCH_VERSION = Advice(
    reason=NO_SUCH_VERSION, zh="先登记该版本。", en="Record the version first.", refusals=(AtOdds,)
)
SIGNED_ALREADY = Reason(
    code="signed_already", zh="此人已签收该版本", en="This version is signed for by this person already."
)
ADVICE_ON_SIGNED_ALREADY = Advice(
    reason=SIGNED_ALREADY, zh="不必再登记。", en="There is nothing more to record.", refusals=(Conflict,)
)


class SignedAs(Choice):
    """In what capacity somebody signs."""

    LEADER = "leader", "学校领导", "head of the school"
    TEACHER = "teacher", "教师", "teacher"
    CARER = "carer", "帮扶人", "carer"
    PARENT = "parent", "父母", "parent"
    GUARDIAN = "guardian", "监护人或被委托人", "guardian or entrusted carer"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationAcknowledged(Details):
    """Who signed for which version, in what capacity."""

    TYPE: ClassVar[str] = "regulation_acknowledged"

    version: str = described("版本", "Version", max_length=20)
    signed_by: str = described("签收人", "Signed by", personal=True, max_length=50)
    signed_as: SignedAs = described("身份", "Signed as")


def _check(new_event: NewEvent, regulation: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, RegulationAcknowledged)
    if said.version not in {each.version for each in regulation.versions}:
        raise AtOdds(Fault(reason=NO_SUCH_VERSION, pointer="/details/version"))
    others = {
        (other.version, undotted(other.signed_by)) for _, other in regulation.of(RegulationAcknowledged)
    }
    if (said.version, undotted(said.signed_by)) in others:
        raise Conflict(Fault(reason=SIGNED_ALREADY, pointer="/details/signed_by"))
    return iter(())


EVENT_TYPE = EventType(
    details=RegulationAcknowledged, label=Text(zh="制度知晓签收", en="Regulation acknowledged"), check=_check
)
