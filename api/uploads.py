"""Lines of any number: read as they come, a window of them in memory, and each answered for itself."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol, cast
from uuid import UUID

import falcon

from api.bodies import TooLarge, object_of
from api.compression import Inflates, body_stream, encoding_of
from api.context import Context
from api.errors import faults_shown, status_of
from api.exchange import Malformed, actor_of, provenance_of
from api.reasons import CUT_SHORT, TOO_MANY_UPLOADS
from api.recording import refuse_out_of_reach
from api.submissions import batch_item
from application.access import Actor
from application.intake.batch_lines import QUARANTINED, REFUSED, BatchLine, recorded_line
from application.intake.batches import NDJSON, Upload
from application.intake.lines import Line, LineDone
from application.intake.submission import Submission
from application.intake.work import at_work
from application.recording.outcome import Provenance, Recorded
from application.streams import Busy
from domain.refusal import Fault, Reason, Refused, refuses

LONGEST_LINE = 262_144
WINDOW_LINES = 2000
WINDOW_BYTES = 4_194_304
WINDOW_SECONDS = 5.0
LINE_TOO_LONG = Reason(
    code="line_too_long",
    zh="该行过长（上限 262144 字节）",
    en="The line is longer than 262144 bytes.",
)
_BOM = b"\xef\xbb\xbf"
NumberedLine = tuple[int, bytes | None]


class Stream(Protocol):
    """What is read of a body."""

    def readline(self, size: int, /) -> bytes:
        """Read up to the end of a line, `size` bytes at most; nothing at the end of the body."""


class CutShort(Exception):
    """The sender is gone, or has been silent for too long, before the body was whole."""


@refuses(TOO_MANY_UPLOADS)
def receive(context: Context, req: falcon.Request, batch_id: UUID) -> None:
    """Read a body of lines to its end and take them in, a window at a time.

    Raises `Malformed` where the end never came, and `Inflates` where too much did, with what was read kept;
    `Busy` where too many uploads are at work; `Conflict` where the batch is somebody else's, or is being sent
    again by now.
    """
    # The server's own stream, which a read of a line leaves where the line ends.
    stream = cast("Stream", body_stream(req))
    length = req.content_length if encoding_of(req) is None else None
    with context.uploads.taken() as free:
        if not free:
            raise Busy(Fault(reason=TOO_MANY_UPLOADS))
        with _told_as_problem(), upload_work(context, req, batch_id, source=NDJSON) as work:
            for window in windows(numbered_lines(stream, length=length)):
                read = [
                    readable(number, raw, actor=work.actor)
                    for number, raw in window
                    if raw is None or raw.strip()
                ]
                work.take(read, lines_read=window[-1][0])
            for _ in work.try_again():
                pass


@contextmanager
def upload_work(
    context: Context, req: falcon.Request, batch_id: UUID, *, source: str
) -> Iterator["UploadWork"]:
    """Begin an upload, and say at the end of the block how it ended; see `at_work`."""
    actor, kept_in = actor_of(req), context.system.batches
    with at_work(kept_in, kept_in.begin(batch_id, actor=actor, source=source)) as upload:
        yield UploadWork(context, actor=actor, provenance=provenance_of(req), upload=upload)


class UploadWork:
    """One upload at work."""

    def __init__(self, context: Context, *, actor: Actor, provenance: Provenance, upload: Upload) -> None:
        self.actor = actor
        # What was sent together is found again by the id of the batch.
        self._provenance = replace(provenance, correlation_id=upload.batch_id)
        self._context = context
        self._upload = upload

    def take(self, lines: Sequence[Line], *, lines_read: int) -> list[LineDone]:
        """Take some lines in and keep what became of them. Raises `Conflict` where another upload goes on."""
        done = self._context.system.intake.take(lines, actor=self.actor, provenance=self._provenance)
        self._keep(done, lines_read=lines_read)
        for _ in filter(lambda each: each.item_id is not None, done):
            self._context.metrics.quarantined()
        return done

    def try_again(self) -> Iterator[LineDone]:
        """Try what was put aside again, now that all is read, as long as something comes to stand by it."""
        system, going = self._context.system, True
        while going:
            going, after = False, 0
            while page := system.batches.lines(
                self._upload.upload_id, state=QUARANTINED, after=after, limit=WINDOW_LINES
            ):
                after = page[-1].line
                items = {held.line: held.item_id for held in page if held.item_id is not None}
                done = list(system.intake.again(items, actor=self.actor, provenance=self._provenance))
                self._keep(done)
                going = going or bool(done)
                yield from done

    def _keep(self, done: Sequence[LineDone], *, lines_read: int | None = None) -> None:
        self._context.system.batches.store(self._upload, [kept(d) for d in done], lines=lines_read)
        for each in done:
            if (
                isinstance(each.outcome, Recorded)
                and each.outcome.new
                and isinstance(each.line.submission, Submission)
            ):
                self._context.metrics.recorded(each.line.submission.type)


def readable(number: int, raw: bytes | None, *, actor: Actor) -> Line:
    """Read a line; what is wrong with it becomes its outcome. None stands for one that is too long."""
    words: dict[str, Any] = {}
    try:
        if raw is None:
            raise TooLarge(Fault(reason=LINE_TOO_LONG))
        words = object_of(raw.removeprefix(_BOM) if number == 1 else raw)
        return line_of(number, words, actor=actor)
    except Refused as refused:
        return Line(number=number, submission=refused)


def line_of(number: int, words: object, *, actor: Actor) -> Line:
    """Make a line of what it says; what is wrong with it becomes its outcome."""
    try:
        submission = batch_item(words)
        refuse_out_of_reach(submission, actor=actor)
    except Refused as refused:
        return Line(number=number, submission=refused, event_id=_named(words))
    return Line(number=number, submission=submission, event_id=submission.event_id)


def kept(done: LineDone) -> BatchLine:
    """Return what is kept of a line that was taken in."""
    number, outcome = done.line.number, done.outcome
    if isinstance(outcome, Recorded):
        return recorded_line(number, outcome)
    aside = done.item_id is not None
    assert isinstance(outcome, Refused)
    return BatchLine(
        line=number,
        status=202 if aside else status_of(outcome),
        state=QUARANTINED if aside else REFUSED,
        event_id=done.line.event_id,
        item_id=done.item_id,
        faults=faults_shown(outcome),
    )


def numbered_lines(stream: Stream, *, length: int | None) -> Iterator[NumberedLine]:
    """Return the lines of a body, numbered from 1, None for one that is too long.

    `length` is that of the whole body where it is known. Raises `CutShort` where the body ends before that,
    or its reading fails; what comes after the last line break is given of a whole body only.
    """
    number = size = 0
    while raw := _piece(stream, LONGEST_LINE + 1):
        number, size = number + 1, size + len(raw)
        line: bytes | None = raw
        while not raw.endswith(b"\n") and (more := _piece(stream, LONGEST_LINE)):
            raw, line, size = more, None, size + len(more)
        if not raw.endswith(b"\n") and length is not None and size < length:
            break
        yield number, line
    if length is not None and size < length:
        raise CutShort


def windows(lines: Iterator[NumberedLine]) -> Iterator[list[NumberedLine]]:
    """Return lines in chunks that fit into memory; of a body that is cut short what came, then the error."""
    held: list[NumberedLine] = []
    size, since = 0, 0.0
    try:
        for number, raw in lines:
            since = since if held else time.monotonic()
            held.append((number, raw))
            size += len(raw or b"")
            # A sender may be slow: what it sent is not to wait for what it will.
            waited = time.monotonic() - since >= WINDOW_SECONDS
            if len(held) >= WINDOW_LINES or size >= WINDOW_BYTES or waited:
                yield held
                held, size = [], 0
    except (CutShort, Inflates):
        if held:
            yield held
        raise
    if held:
        yield held


@contextmanager
def _told_as_problem() -> Iterator[None]:
    try:
        yield
    except CutShort:
        raise Malformed(Fault(reason=CUT_SHORT)) from None


def _piece(stream: Stream, most: int) -> bytes:
    try:
        return stream.readline(most)
    except Inflates:
        raise
    except Exception:  # noqa: BLE001  # chunks that are none, a sender that is gone: each server has its own words
        raise CutShort from None


def _named(words: object) -> UUID | None:
    """Return the event id of an item that can't be read, so that its sender finds it again."""
    named = words.get("event_id") if isinstance(words, dict) else None
    try:
        return UUID(named) if isinstance(named, str) else None
    except ValueError:
        return None
