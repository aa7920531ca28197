"""Papers of schools, sent as they are: looked at, recorded with a yes, read again, and taken back."""

import re
from collections.abc import Callable
from uuid import UUID

from api import fields as f
from api import formats, query
from api.exchange import exchange_of
from api.files import file_of
from api.import_answers import (
    Import,
    ImportDetail,
    ImportLine,
    ImportPage,
    ImportUndone,
    answered,
    import_of,
    line_of,
    notes_of,
    sums_of,
)
from api.language import in_language
from api.operation import IDEMPOTENCY_KEY, IF_DECIDED, IF_STILL, ORG, PAGE, choice, day, needed, words_of
from api.query import moment_and_id, position
from api.resource import Answered, Call, Resource
from api.resources.event_batches import STATE
from api.schemas import Strict
from application.access import Action
from application.intake.batches import COMMITTING, READING, RECEIVING, Batch
from application.intake.imports.answers import Answer as Said
from application.intake.imports.runs import imports_within
from application.intake.imports.uploaded import UploadedPapers
from application.intake.imports.uploaded_paper import Asked, PaperRow
from domain.fields import Choice
from domain.ledger.decide import refuse_same_approver
from domain.refusal import Text

RESOURCE = Resource(
    guide="api#importing-a-paper", tag="imports", zh="纸质表格导入", en="Papers of schools, as they are."
)
ALL = "/v1/imports"
ONE = "/v1/imports/{import_id:uuid}"
MOST_ANSWERS = 500
COLUMNS: tuple[tuple[Text, Callable[[ImportLine], object]], ...] = (
    (Text(zh="行号", en="Line"), lambda line: line.line),
    (Text(zh="工作表", en="Sheet"), lambda line: line.sheet or None),
    (Text(zh="表中的行", en="Row"), lambda line: line.row or None),
    (Text(zh="结果", en="Result"), lambda line: line.state),
    (Text(zh="原因代码", en="Code"), lambda line: " ".join(each.code for each in line.reasons)),
    (Text(zh="原因", en="Reason"), lambda line: " ".join(each.text for each in line.reasons)),
    (Text(zh="儿童编号", en="Child id"), lambda line: line.child_id or None),
)
# What a file can be refused for as a whole once it is read.
PAPER_CODES = (
    "bad_encoding",
    "column_twice",
    "is_a_care_log",
    "is_a_roster",
    "missing_column",
    "no_header",
    "paper_too_wide",
    "unknown_column",
)


class PaperKind(Choice):
    """What a paper is."""

    ROSTER = "roster", "花名册", "list of children"
    CARE_LOG = "care-log", "关爱记录", "record of care"


KIND = needed(choice("kind", PaperKind, "What the paper is."))
SCHOOL = needed(ORG)
ENROLLED_ON = day("enrolled_on", "The day of enrolment, where the paper names none; of a list of children.")
CHANGED_ON = day(
    "changed_on",
    "Apply what differs of known children, as changed on this day; of a list of children.",
)
DAYS = (ENROLLED_ON, CHANGED_ON)
MAP = words_of(
    "map", "What headings mean, as HEADING=COLUMN, one or several with ; between them.", longest=2000
)


class UndoIn(Strict):
    """Who agreed that an import is taken back: somebody other than the holder of the key."""

    approved_by = f.Text(longest=100, blank=False, required=True, zh="审批人", en="Approved by")


class WhomIn(Strict):
    """Whom a line means."""

    line = f.Whole(least=1, required=True, zh="行号", en="Line", text="As the preview numbers it.")
    child_id = f.Identifier(required=True, allow_none=True, zh="儿童编号", en="Id of the child")


class WordIn(Strict):
    """What a column of a line says: a word of the form, a day or a time."""

    line = f.Whole(least=1, required=True, zh="行号", en="Line", text="As the preview numbers it.")
    column = f.Text(longest=40, blank=False, required=True, zh="栏目", en="Column")
    word = f.Text(longest=40, blank=False, required=True, allow_none=True, zh="用词", en="Word")


class AnswersIn(Strict):
    """What somebody says who was asked about lines of a paper; null takes back what was said before."""

    whom = f.Many(f.Part(WhomIn), most=MOST_ANSWERS, zh="指谁", en="Whom lines mean")
    words = f.Many(f.Part(WordIn), most=MOST_ANSWERS, zh="是何词", en="What columns say")


@RESOURCE.operation(
    "POST",
    ALL,
    zh="上传并预览表格",
    en="Send a paper and see what it would do",
    takes_file=True,
    answers={201: ImportDetail, 200: ImportDetail, 202: ImportDetail},
    params=(KIND, SCHOOL, *DAYS, MAP, IDEMPOTENCY_KEY),
    action=Action.SUBMIT,
    uses=(UploadedPapers.upload, file_of),
    codes=PAPER_CODES,
    tells_version=True,
    leads_to=("get_import",),
)
def preview_import(call: Call) -> Answered:
    """Read a list of children or a record of care and say, line by line, what it would do.

    Nothing is recorded.

    The body is the file as it is: XLSX, XLS, ODS, DOCX or CSV, of 16 MiB at most, whatever its name. A large
    one is answered 202 and read by a worker: ask again until its `state` is `previewed`. Its ETag is what
    `commit` is asked with. The file lies encrypted for seven days, or until it is deleted.

    读取花名册或关爱记录，逐行说明将登记什么，不作任何登记。请求内容即文件本身：XLSX、XLS、ODS、DOCX 或 CSV，
    最大 16 MiB。大文件先返回 202，由后台读取，待 state 为 previewed。登记时写明其 ETag。
    文件加密保存七天，可提前删除。
    """
    days = {param.name: said.isoformat() for param in DAYS if (said := call.asked(param)) is not None}
    asked = Asked(
        kind=str(call.asked(KIND)),
        org=call.asked(SCHOOL) or "",
        **days,
        mapped=tuple(filter(None, (part.strip() for part in re.split("[;；]", call.asked(MAP) or "")))),
    )
    papers = call.system.uploaded_papers
    data = file_of(call.context, call.req)
    fresh, batch, row = papers.upload(data, asked=asked, actor=call.actor, key=call.key)
    call.resp.location = f"{ALL}/{batch.batch_id}"
    return _answered(call, batch, row, status=201 if fresh else 200)


@RESOURCE.operation(
    "GET", ALL, zh="列出导入", en="List imports", answers={200: ImportPage}, params=(ORG, *PAGE)
)
def list_imports(call: Call) -> ImportPage:
    """List the imports of an organisation and of those below it, the newest first, those of the command too.

    列出机构及其下级的各次导入，最新的在前，含命令行的导入。
    """
    org = call.org(Action.READ)
    system = call.system
    page = call.page(
        lambda before, limit: imports_within(
            system.batches, system.database, org=org, before=before, limit=limit
        ),
        place=moment_and_id,
        after=lambda batch: (batch.begun_at, batch.batch_id),
    )
    return ImportPage(items=[import_of(Import, batch) for batch in page.items], next=page.next)


@RESOURCE.operation(
    "GET",
    ONE,
    zh="读取导入结果",
    en="Read how an import stands",
    answers={200: ImportDetail},
    also={formats.NDJSON: ImportLine, formats.CSV: None},
    params=(STATE, *PAGE),
    action=Action.READ,
    tells_version=True,
    leads_to=("commit_import", "undo_import"),
)
def get_import(call: Call, import_id: UUID) -> Answered | None:
    """Show how an import stands, what it comes to, and a page of its lines in order, for thirty days.

    As `application/x-ndjson` or `text/csv` come all lines of the state at once.

    读取一次导入的状态、合计，并分页列出各行结果，保留三十天。以 application/x-ndjson 或 text/csv 一次取全。
    """
    media = formats.chosen(call.req, formats.JSON, formats.NDJSON, formats.CSV)
    batch, row = call.system.uploaded_papers.read(import_id, actor=call.actor)
    if media != formats.JSON:
        query.refuse_pages(call.req)
        _put_all(call, batch, media=media)
        return None
    return _answered(call, batch, row, status=200)


@RESOURCE.operation(
    "GET",
    ONE + "/refused",
    zh="下载未接受的行",
    en="Get the refused lines as a workbook",
    answers={200: None},
    media=formats.XLSX,
    action=Action.READ,
)
def get_refused_lines(call: Call, import_id: UUID) -> None:
    """Give the refused lines of a paper back as a workbook, to mend and to send again, for seven days.

    以 Excel 工作簿返回未接受的行，改好后可再次导入；保留七天。
    """
    call.resp.data = call.system.uploaded_papers.refused_book(import_id, actor=call.actor)
    call.resp.content_type = formats.XLSX
    call.resp.set_header("Content-Disposition", f'attachment; filename="refused-{import_id}.xlsx"')


@RESOURCE.operation(
    "POST",
    ONE + "/answers",
    zh="回答预览中的询问",
    en="Answer what a preview asks",
    request=AnswersIn,
    answers={200: ImportDetail, 202: ImportDetail},
    params=(IF_DECIDED,),
    action=Action.SUBMIT,
    uses=(UploadedPapers.answer,),
    tells_version=True,
    leads_to=("get_import", "commit_import"),
)
def answer_import(call: Call, import_id: UUID) -> Answered:
    """Say whom lines mean, or what columns of them say, and see what the paper would do by that.

    What is said holds for the file: it need not be said again, here, by the command, or behind a crash. Say
    it otherwise to change it, and null to take it back. A large paper is answered 202 and read by a worker.

    说明某行指的是哪名儿童，或某栏是什么词，并按此重新预览。所答对该文件一直有效，不必再答；另答即改，
    写 null 即收回。大文件返回 202，由后台读取。
    """
    body = call.body()
    answers = [
        *(Said(line=each["line"], child_id=_child(each["child_id"])) for each in body.get("whom", ())),
        *(Said(**each) for each in body.get("words", ())),
    ]
    papers = call.system.uploaded_papers
    batch, row = papers.answer(import_id, answers, actor=call.actor, basis=call.basis)
    return _answered(call, batch, row, status=200)


def _child(said: str | None) -> UUID | None:
    return None if said is None else UUID(said)


@RESOURCE.operation(
    "POST",
    ONE + "/commit",
    zh="登记已预览的表格",
    en="Record what was previewed",
    answers={200: ImportDetail, 202: ImportDetail},
    params=(IF_DECIDED,),
    action=Action.SUBMIT,
    uses=(UploadedPapers.commit,),
    tells_version=True,
    leads_to=("get_import", "undo_import"),
)
def commit_import(call: Call, import_id: UUID) -> Answered:
    """Record what the preview with this ETag showed. Where the ledger has changed what it would do, 412.

    A large paper is answered 202 and recorded by a worker, which goes on after a crash; where it would do
    something else by then, nothing is recorded, and its state is `previewed` again under another ETag. Sent
    again it is the same.

    登记该 ETag 的预览所示内容。台账已变化、结果会不同的，返回 412。大文件返回 202，由后台登记，中断后自动
    继续；届时结果会不同的，不作登记，状态回到 previewed，ETag 改变。重发不会重复登记。
    """
    batch, row = call.system.uploaded_papers.commit(import_id, actor=call.actor, basis=call.basis)
    return _answered(call, batch, row, status=200)


@RESOURCE.operation(
    "POST",
    ONE + "/undo",
    zh="撤销导入",
    en="Take an import back",
    request=UndoIn,
    answers={200: ImportUndone, 202: ImportUndone},
    params=(IF_STILL,),
    tells_version=True,
    action=Action.MANAGE,
    uses=(UploadedPapers.undo, refuse_same_approver),
)
def undo_import(call: Call, import_id: UUID) -> Answered:
    """Void everything that an import recorded. Twice is once.

    A large one is taken back for some seconds and answered 202: send the same again until it is 200.

    作废一次导入登记的全部内容。数量大的返回 202，请重发直到返回 200。
    """
    by = call.body()["approved_by"]
    papers = call.system.uploaded_papers
    done = papers.undo(import_id, approved_by=by, actor=call.actor, basis=call.basis)
    body = ImportUndone.of(done, kept=[*done.kept])
    row = papers.rows.find(import_id)
    version = None if row is None else row.version
    return Answered(body=body, status=202 if done.left else 200, version=version)


@RESOURCE.operation(
    "DELETE",
    ONE + "/file",
    zh="删除上传的文件",
    en="Delete the file of an import",
    answers={204: None},
    params=(IF_STILL,),
    uses=(UploadedPapers.forget,),
    action=Action.SUBMIT,
)
def delete_import_file(call: Call, import_id: UUID) -> Answered:
    """Destroy the file and its key now. A preview goes with it; what was recorded stays.

    While it is being recorded this is refused with 409 `import_at_work`.

    立即销毁文件及其密钥。未登记的预览一并删除；已登记的内容不受影响。正在登记时返回 409 import_at_work。
    """
    call.system.uploaded_papers.forget(import_id, actor=call.actor, basis=call.basis)
    return Answered(status=204)


def _answered(call: Call, batch: Batch, row: PaperRow | None, *, status: int) -> Answered:
    """Answer with how an import stands; 202 where a worker goes on with what was asked for."""
    language, system = exchange_of(call.req).language, call.system
    outcome = None if row is None else system.uploaded_papers.outcome(row)
    state = None if call.req.method != "GET" else call.asked(STATE)
    page = call.page(
        lambda after, limit: system.batches.lines(
            batch.upload_id, state=state, after=after or 0, limit=limit
        ),
        place=position,
        after=lambda line: (line.line,),
    )
    body = import_of(
        ImportDetail,
        batch,
        kept_until=None if row is None else row.expires_at,
        faults=[] if outcome is None else notes_of(outcome.faults, language),
        sums=sums_of(outcome, language),
        answers=answered(system.uploaded_papers.answers(batch)),
        items=[line_of(line, language) for line in page.items],
        next=page.next,
    )
    waits = call.req.method != "GET" and batch.state in (READING, COMMITTING, RECEIVING)
    return Answered(body=body, status=202 if waits else status, version=None if row is None else row.version)


def _put_all(call: Call, batch: Batch, *, media: str) -> None:
    language = exchange_of(call.req).language
    lines = (line_of(e, language) for e in call.system.batches.every_line(batch, state=call.asked(STATE)))
    if media == formats.NDJSON:
        call.lines(lines)
        return
    header = [in_language(text, language) for text, _ in COLUMNS]
    rows = ([show(line) for _, show in COLUMNS] for line in lines)
    formats.put_csv(call.resp, header, rows, filename=f"import-{batch.batch_id}.csv")
