"""Files that may be of one child: what they have in common, and that somebody told them apart."""

from typing import Annotated
from uuid import UUID

from api.alike import Agrees, Differs, FileAlike, Score
from api.answer import Answer, Moment, personal, shown
from api.operation import ORG, word
from api.resource import Call, Resource
from application.access import Action
from application.children.doubles import MOST_SHOWN, Double, Doubles, MayBe, State

RESOURCE = Resource(tag="doubles", zh="疑似重复的档案", en="Files that may be of one child.")
ONE = "/v1/doubles/{double_id:uuid}"
STATE = word("state", [*State], "Only pairs in this state.", default=State.OPEN)


class FilesAlike(Answer):
    """Two files that may be of one child, and why."""

    double_id: Annotated[UUID, shown("编号", "Id of the pair", "Another one once a file says otherwise.")]
    score: Score
    agrees: Agrees
    differs: Differs
    children: Annotated[list[FileAlike], shown("档案", "Files", "Two, in order of id.")]
    state: Annotated[State, shown("状态", "State")]
    settled_at: Annotated[Moment | None, shown("核对时间", "Told apart at")]
    settled_by: Annotated[str | None, personal("核对人", "Told apart by")]


class FilesAlikeList(Answer):
    """The pairs that a key sees, those that have most in common first."""

    items: Annotated[list[FilesAlike], shown("条目", "Items")]
    more: Annotated[bool, shown("还有更多", "More", "Whether there are more than are shown.")]


@RESOURCE.operation(
    "GET",
    "/v1/doubles",
    zh="列出疑似重复的档案",
    en="List files that may be of one child",
    answers={200: FilesAlikeList},
    params=(ORG, STATE),
    leads_to=("tell_files_apart", "reopen_double"),
)
def list_doubles(call: Call) -> FilesAlikeList:
    """List pairs of files of an organisation that agree in name or sound, birth date, parents or guardian.

    At most five hundred, those that have most in common first. A score decides nothing: look at both files.

    列出机构内姓名或读音、出生日期、父母或监护人相同的成对档案，最相似的在前，最多五百对。分数不是结论，须核对两份档案。
    """
    state = State.from_word(call.asked(STATE) or State.OPEN)
    found = call.system.doubles.listed(actor=call.actor, org=call.org(Action.READ), state=state)
    items = [_shown(each) for each in found[:MOST_SHOWN]]
    return FilesAlikeList(items=items, more=len(found) > MOST_SHOWN)


@RESOURCE.operation(
    "POST",
    ONE + "/tell-apart",
    zh="确认不是同一名儿童",
    en="Tell two files apart",
    answers={200: FilesAlike},
    action=Action.MANAGE,
    uses=(Doubles.tell_apart,),
)
def tell_files_apart(call: Call, double_id: UUID) -> FilesAlike:
    """Say that two files are of two children.

    The pair is listed again once one of them says otherwise who its child is.

    确认两份档案是两名儿童。其中一份档案的身份信息变更后会再次列出。
    """
    return _shown(call.system.doubles.tell_apart(double_id, actor=call.actor))


@RESOURCE.operation(
    "POST",
    ONE + "/reopen",
    zh="撤回确认",
    en="List two files again",
    answers={200: FilesAlike},
    action=Action.MANAGE,
    uses=(Doubles.reopen,),
)
def reopen_double(call: Call, double_id: UUID) -> FilesAlike:
    """Take back that two files were told apart.

    撤回“不是同一名儿童”的确认。
    """
    return _shown(call.system.doubles.reopen(double_id, actor=call.actor))


def _shown(double: Double) -> FilesAlike:
    return FilesAlike.of(
        double,
        score=double.likeness.score,
        agrees=list(double.likeness.agrees),
        differs=list(double.likeness.differs),
        children=[_file(each) for each in double.children],
        state=double.state,
    )


def _file(file: MayBe) -> FileAlike:
    return FileAlike.of(file)
