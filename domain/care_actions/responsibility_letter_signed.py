"""Letter of responsibility 责任书: a guardian and the school sign who answers for what."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.care_action import CareAction, ends_no_earlier
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import reads, who_exactly
from domain.refusal import Text


class LetterLayer(Choice):
    """Between whom it is signed."""

    GUARDIAN = "guardian", "学校与监护人", "school and guardian"
    PARENTS = "parents", "学校与父母", "school and parents"
    TEACHER = "teacher", "学校与教师", "school and teacher"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilityLetterSigned(Details):
    """Between whom, and until when."""

    TYPE: ClassVar[str] = "responsibility_letter_signed"

    layer: LetterLayer = described("层级", "Layer", default=LetterLayer.GUARDIAN)
    signed_by: str | None = described("签订人", "Signed by", personal=True, max_length=50, default=None)
    until: date | None = described("有效期至", "Until", default=None)
    refused: bool | None = described("拒签", "Refused to sign", default=None)


# Between whom it is signed, and who signs where the line says so.
_LAYERS = {
    "监护人": (LetterLayer.GUARDIAN, None),
    "父母": (LetterLayer.PARENTS, None),
    "父亲": (LetterLayer.PARENTS, "父亲"),
    "母亲": (LetterLayer.PARENTS, "母亲"),
    "帮扶人": (LetterLayer.TEACHER, None),
}


ACTION = CareAction(
    details=ResponsibilityLetterSigned,
    label=Text(zh="责任书", en="Letter of responsibility"),
    check=ends_no_earlier,
    paper=("责任书",),
    from_paper=reads(
        lambda line, layer, refused: ResponsibilityLetterSigned(
            layer=layer[0], signed_by=who_exactly(line) or layer[1], refused=refused
        ),
        counterpart=_LAYERS,
        outcome={"": None, "完成": None, "已签收": None, "拒绝": True},
    ),
)
