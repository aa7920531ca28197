"""The profile is verified 信息核实: somebody went through it and found it right, or put it right."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.choices import VerifiedBy
from domain.event import Details
from domain.fields import described
from domain.paper_lines import ANYBODY, reads, with_whom
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReverified(Details):
    """Who looked, and by what way."""

    TYPE: ClassVar[str] = "profile_reverified"

    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())
    way: VerifiedBy = described("核实方式", "Way")
    changed: bool | None = described("是否有变更", "Something had changed", default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


_WAYS = {
    "入户核实": VerifiedBy.VISIT,
    "电话核实": VerifiedBy.PHONE,
    "在校核实": VerifiedBy.SCHOOL,
    "名册核实": VerifiedBy.REGISTER,
}


ACTION = CareAction(
    details=ProfileReverified,
    label=Text(zh="信息核实", en="Profile verified"),
    carers=lambda said: said.carers,
    paper=tuple(_WAYS),
    from_paper=reads(
        lambda line, _asked, changed: ProfileReverified(
            carers=line.carers, way=_WAYS[line.word], changed=changed, note=with_whom(line)
        ),
        counterpart=ANYBODY,
        outcome={"": None, "完成": None, "有变更": True, "无变更": False},
    ),
)
