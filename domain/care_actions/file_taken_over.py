"""Taking over 并入: another file of the same child goes on in this one."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.normal import normal_name, normal_number
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTakenOver(Details):
    """Whose file it is, and what its child was called and numbered there: by that it is still found."""

    TYPE: ClassVar[str] = "file_taken_over"

    child: UUID = described("并入的档案", "File taken over (child)")
    name: str | None = described(
        "姓名", "Name", personal=True, max_length=50, default=None, normal=normal_name
    )
    student_no: str | None = described(
        "学籍号", "Student number", personal=True, max_length=32, default=None, normal=normal_number
    )
    id_number: str | None = described(
        "身份证号", "Identity number", personal=True, max_length=18, default=None, normal=normal_number
    )


ACTION = CareAction(
    effects=(Effect.TAKES_OVER,),
    details=FileTakenOver,
    label=Text(zh="并入了另一份档案", en="Another file taken over"),
    derived=True,
    correctable=False,
    voidable=False,
)
