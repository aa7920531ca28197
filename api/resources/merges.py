"""Merging the file of a child into another one of the same child, and undoing it."""

from typing import Annotated
from uuid import UUID

from api import fields as f
from api.answer import Answer, CaseNo, ChildId, EventId, Moment, personal, shown
from api.operation import IF_STILL
from api.resource import Answered, Call
from api.resources.children import ONE, RESOURCE
from api.schemas import Strict
from application.access import Action
from application.children.merging import Merge, Merges
from application.intake.submission import LONGEST_NAME
from domain.case_no import case_no_of

# Where a carer who has more children by now than it may have would get the place anew.
CAPACITY = "capacity_exceeded"


class UndoMergeIn(Strict):
    """Why a merge is undone, and who approved of that."""

    reason = f.Text(longest=1000, blank=False, required=True, zh="原因", en="Reason")
    approved_by = f.Text(longest=LONGEST_NAME, blank=False, required=True, zh="审批人", en="Approved by")


class MergeIn(UndoMergeIn):
    """Into which file another one of the same child is merged, and who approved of that."""

    into = f.Identifier(required=True, zh="保留的儿童", en="Child whose file is kept")


class Merged(Answer):
    """That a file was merged into another one."""

    child_id: ChildId
    into: Annotated[UUID, shown("并入", "Merged into", "The child whose file is kept.")]
    into_case_no: CaseNo
    event_id: EventId
    merged_at: Annotated[Moment | None, shown("并档时间", "Merged at")]
    merged_by: Annotated[str, personal("并档人", "Merged by")]
    undone: Annotated[bool, shown("已撤回", "Undone")]
    entries: Annotated[
        int, shown("并入条目", "Entries", "Of the kept file: those that came with it and stand.")
    ]
    decided_since: Annotated[
        tuple[UUID, ...],
        shown(
            "并档期间更正过的条目",
            "Decided since",
            "After an undo: entries of this file that were corrected or voided in the kept one. "
            "They stand as before; correct or void them here again.",
        ),
    ]


@RESOURCE.operation(
    "POST",
    ONE + "/merge",
    zh="并入另一份档案",
    en="Merge a file into another one",
    request=MergeIn,
    answers={200: Merged},
    action=Action.MANAGE,
    params=(IF_STILL,),
    uses=(Merges.merge,),
    codes=(CAPACITY,),
    tells_version=True,
    leads_to=("get_child", "undo_child_merge"),
)
def merge_child(call: Call, child_id: UUID) -> Answered:
    """Say that two files are of one child: what stands in this one goes on in the other, which is kept.

    Everything counts once from then on. This file stays readable and takes nothing more: entries that are
    sent for it later are quarantined as `merged_into`. The same again changes nothing.

    确认两份档案是同一名儿童：本档案的有效记录转入保留的档案，此后只计一次。本档案仍可查阅，不再登记；
    之后送来的记录列为待核实（merged_into）。重复请求不再变动。
    """
    words = call.body()
    words["into"] = UUID(words["into"])
    return _shown(call.system.merges.merge(child_id, **words, actor=call.actor, basis=call.basis))


@RESOURCE.operation(
    "POST",
    ONE + "/undo-merge",
    zh="撤回并档",
    en="Undo the merge of a file",
    request=UndoMergeIn,
    answers={200: Merged},
    action=Action.MANAGE,
    params=(IF_STILL,),
    uses=(Merges.undo,),
    codes=(CAPACITY,),
    tells_version=True,
    leads_to=("get_child",),
)
def undo_child_merge(call: Call, child_id: UUID) -> Answered:
    """Void the merge of this file and all that came with it. Twice is once.

    Entries that were recorded in the kept file since stay there. What was corrected or voided there of those
    that came over is named in `decided_since`: here it stands as before.

    作废并档及随之转入的记录，本档案恢复原状。并档之后登记到保留档案的记录留在原处；
    其间更正或作废过的转入记录列在 decided_since 中，在本档案里仍为原样，需重新办理。
    """
    return _shown(call.system.merges.undo(child_id, **call.body(), actor=call.actor, basis=call.basis))


def _shown(merge: Merge) -> Answered:
    return Answered(body=Merged.of(merge, into_case_no=case_no_of(merge.into)), version=merge.version)
