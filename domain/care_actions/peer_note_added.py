"""Note on peers 同伴观察: what a teacher learnt from classmates. Low trust, and no contact."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import described
from domain.paper_lines import Content, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerNoteAdded(Details):
    """What was seen; the classmates stay unnamed."""

    TYPE: ClassVar[str] = "peer_note_added"

    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    record: str | None = described("内容", "Record", personal=True, max_length=2000, default=None)


def _of_line(line: PaperLine, _child: None, _done: None) -> PeerNoteAdded:
    return PeerNoteAdded(carers=line.carers, record=line.record)


ACTION = CareAction(
    details=PeerNoteAdded,
    label=Text(zh="同伴观察", en="Note on peers"),
    carers=lambda said: said.carers,
    record="record",
    paper=("同伴观察",),
    from_paper=reads(_of_line, content=Content.NEEDED),
)
