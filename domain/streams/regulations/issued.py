"""Regulation issued 制度: the text of a rule of the house, version by version, as 谈心制度 and 家访制度 are.

The text itself is kept elsewhere; its fingerprint says which text it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.fingerprint import faults_of_fingerprint
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Reason, Text

VERSION_USED = Reason(
    code="version_used", zh="该版本号已用过", en="This number of a version is used already."
)
ADVICE_ON_VERSION_USED = Advice(
    reason=VERSION_USED,
    zh="新版本用新的版本号；登记有误的先作废。",
    en="Give a new version a new number; void the first entry if it was wrong.",
    refusals=(Conflict,),
)
TWO_ON_ONE_DAY = Reason(
    code="two_versions_one_day",
    zh="已有版本自该日起生效",
    en="Another version holds from this day on.",
)
ADVICE_ON_TWO_ON_ONE_DAY = Advice(
    reason=TWO_ON_ONE_DAY,
    zh="核对生效日期；另一版本登记有误的先作废。",
    en="Check the day; void the other version if it was wrong.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationIssued(Details):
    """What it is called, and its first version."""

    TYPE: ClassVar[str] = "regulation_issued"

    title: str = described("名称", "Title", max_length=100)
    school_year: str | None = described("学年", "School year", max_length=20, default=None)
    version: str = described("版本", "Version", max_length=20)
    valid_from: date = described("生效日期", "Valid from")
    sha256: str = described("文本摘要", "SHA-256 of the text", max_length=64, hint="64 hexadecimal digits.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationRevised(Details):
    """A further version; it holds from its day on."""

    TYPE: ClassVar[str] = "regulation_revised"

    version: str = described("版本", "Version", max_length=20)
    valid_from: date = described("生效日期", "Valid from")
    sha256: str = described("文本摘要", "SHA-256 of the text", max_length=64, hint="64 hexadecimal digits.")
    changes: str | None = described("修改内容", "What changed", max_length=1000, default=None)


def _check(new_event: NewEvent, regulation: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, RegulationIssued | RegulationRevised)
    yield from faults_of_fingerprint(said.sha256, "/details/sha256")
    if said.version in {each.version for each in regulation.versions}:
        raise Conflict(Fault(reason=VERSION_USED, pointer="/details/version"))
    if said.valid_from in {each.valid_from for each in regulation.versions}:
        raise Conflict(Fault(reason=TWO_ON_ONE_DAY, pointer="/details/valid_from"))


EVENT_TYPES = (
    EventType(details=RegulationIssued, label=Text(zh="制度发布", en="Regulation issued"), check=_check),
    EventType(
        details=RegulationRevised,
        label=Text(zh="制度修订", en="Regulation revised"),
        correctable=False,
        check=_check,
    ),
)
