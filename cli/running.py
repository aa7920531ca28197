"""Starting the servers: `serve` and `worker` become one, `up` keeps both running on this machine."""

import errno
import http.client
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal, NoReturn

import typer

from application.eventstore.database import DatabaseError
from application.eventstore.migrations.migrate import NotMigrated, SchemaTooNew
from application.reasons import PART_NEEDS_REDIS
from application.settings import Settings
from application.system import open_system
from application.upkeep.places import refuse_missing
from cli.doctor import told_outside
from cli.sample import SAMPLE_COUNTY, SAMPLE_ORG, load_sample, wants_sample
from cli.session import Session, make_private, operator, session_of
from cli.supervisor import NeverReady, Program, Supervisor
from cli.terminal import note, progress_bar, say
from domain.refusal import Reason, Text
from projections import tables
from projections.outbox.heartbeat import LOOPS, PARTS, silent_loops

WEB = ("-m", "gunicorn", "--config", "python:api.gunicorn_conf", "api.wsgi:application")
# Beside the welcome, only what went wrong is worth a newcomer's look.
QUIET_WEB = (*WEB[:2], "--log-level", "warning", *WEB[2:])
WORKER = ("-m", "workers")
READY_SECONDS = 2.0
TO_TRY = (
    "children --uncontacted-days 30 --on 2026-06-30",
    "alerts --on 2026-06-30",
    f"compliance --org {SAMPLE_ORG} --rule C39 --period 2026-05",
)
TO_BEGIN = ("import --help", "children --uncontacted-days 30", "alerts")

RUNS_ALREADY = Reason(
    code="runs_already",
    zh="CareLedger 已在此数据目录运行",
    en="CareLedger is already running on this data directory",
)
PORT_TAKEN = Reason(
    code="port_taken",
    zh="端口已被其他程序占用，可用 PORT= 另选",
    en="Another program is using this port. Choose another with PORT=",
)
PORT_REFUSED = Reason(
    code="port_refused",
    zh="无法使用此地址或端口，可用 PORT= 另选",
    en="This address or port can't be used. Choose another with PORT=",
)
NEVER_READY = Reason(
    code="never_ready",
    zh="程序反复退出，请看上面的输出",
    en="A program ended again and again before everything was up. See its output above",
)


class CannotRun(Exception):
    """The servers can't be started here and now; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def serve(ctx: typer.Context) -> None:
    """启动接口服务 / Serve the API."""
    _refuse_wrong_keys(session_of(ctx).settings)
    _become(WEB)


def worker(
    ctx: typer.Context,
    *,
    part: Annotated[
        Literal["alerts", "records"] | None,
        typer.Option(
            "--part", help="只运行一部分，需 Redis / run one part only (needs Redis); default: both"
        ),
    ] = None,
    healthy: Annotated[
        bool, typer.Option("--healthy", help="仅检查是否正常，正常为 0 / only check: exit 0 if well")
    ] = False,
) -> None:
    """启动后台进程 / Run the workers: alerts, and the tables for reports."""
    session = session_of(ctx)
    if not healthy:
        if part and session.settings.redis_url is None:
            raise CannotRun(PART_NEEDS_REDIS)
        refuse_missing(session.settings)
        _become((*WORKER, "--part", part) if part else WORKER)
    loops = PARTS[part] if part else LOOPS
    with session.system() as system:
        silent = silent_loops(system.database, now=system.now(), loops=loops)
    if silent:
        names = ", ".join(silent)
        note(Text(zh=f"停滞：{names}", en=f"Stalled: {names}"), language=session.language)
        raise typer.Exit(1)
    say(Text(zh="正常", en="All is well."), language=session.language)


def up(
    ctx: typer.Context,
    *,
    sample: Annotated[
        bool,
        typer.Option(
            "--sample/--no-sample", help="首次启动载入示例学校 / load the sample school on the first start"
        ),
    ] = True,
) -> None:
    """在本机启动全部服务 / Run everything on this machine until Ctrl-C."""
    session = session_of(ctx)
    # From here on being told to end is no mishap: what was begun is gone on with at the next start.
    stop = _Stop()
    signal.signal(signal.SIGTERM, stop)
    # A trial on one machine: the welcome says that nobody outside is told.
    os.environ.setdefault("CARELEDGER_UNWATCHED", "1")
    # A line for each request would carry the welcome away.
    os.environ.setdefault("CARELEDGER_LOG_LEVEL", "warning")
    with suppress(KeyboardInterrupt), _alone(session):
        _refuse_taken_port(session.settings)
        session.migrate()
        sample_there = _prepare(session, sample=sample)
        if sample and sample_there:
            # Whoever sits here may look at the sample without a key, and at nothing else.
            os.environ.setdefault("CARELEDGER_OPEN_PAGES", SAMPLE_COUNTY)
        stop.heed()
        _run(session, sample_there=sample_there)


class _Stop:
    """Told to end, interrupts what runs; and remembers it, as Python drops what is raised in a finalizer."""

    def __init__(self) -> None:
        self._told = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True
        raise KeyboardInterrupt

    def heed(self) -> None:
        """Raise KeyboardInterrupt where it was told to end before."""
        if self._told:
            raise KeyboardInterrupt


def _refuse_wrong_keys(settings: Settings) -> None:
    """Raise NoLedger or WrongKeys; a database that is out of reach or has no tables yet is waited for."""
    refuse_missing(settings)
    with suppress(DatabaseError, NotMigrated, SchemaTooNew):
        open_system(settings, ddl=tables.DDL).close()


def _prepare(session: Session, *, sample: bool) -> bool:
    """Load the sample where it is wanted and nothing is there yet; tell whether it is there."""
    with session.system() as system:
        if sample and wants_sample(system):
            bar = partial(progress_bar, language=session.language, quiet=False)
            load_sample(system, actor=operator(), bar=bar)
        return SAMPLE_ORG in system.organisations.paths(below=SAMPLE_ORG)


def _run(session: Session, *, sample_there: bool) -> None:
    supervisor = Supervisor(
        programs=[
            Program(name="api", arguments=(sys.executable, *QUIET_WEB)),
            Program(name="worker", arguments=(sys.executable, *WORKER)),
        ],
        notify=lambda text: note(text, language=session.language),
    )
    try:
        supervisor.run(
            ready=lambda: _answers(session.settings),
            when_ready=lambda: say(
                _both(_welcome(session.settings, sample_there=sample_there), _unwatched(session)),
                language=session.language,
            ),
        )
    except NeverReady:
        raise CannotRun(NEVER_READY) from None


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    """Lock the data directory for the block. Raises CannotRun where another holds it."""
    settings = session.settings
    make_private(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "up.lock").open("a+", encoding="utf-8") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotRun(_with(RUNS_ALREADY, lock.read().strip())) from None
        lock.truncate(0)
        lock.write(f"pid {os.getpid()}, {_address(settings)}\n")
        lock.flush()
        yield


def _refuse_taken_port(settings: Settings) -> None:
    """Raise CannotRun where somebody listens: with a shared port two servers would split the traffic."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            reason = PORT_TAKEN if error.errno == errno.EADDRINUSE else PORT_REFUSED
            detail = f"{_address(settings)}, {error.strerror}"
            raise CannotRun(_with(reason, detail)) from None


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, settings.port, timeout=READY_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _welcome(settings: Settings, *, sample_there: bool) -> Text:
    me = _me(settings)
    address = _address(settings)
    commands = "\n".join(f"  {me} {words}" for words in (TO_TRY if sample_there else TO_BEGIN))
    key = f"  {me} keys create --name demo --role manager"
    if sample_there:
        page = Text(
            zh="用本机浏览器打开，查看示例无需密钥",
            en="Open it in a browser on this machine; the sample needs no key.",
        )
        look = Text(
            zh="或另开一个终端，查询示例学校（学期至 2026-06-30）：",
            en="Or ask the sample school, whose term ended on 2026-06-30, in another terminal:",
        )
    else:
        page = Text(zh="用浏览器打开，以接口密钥登录", en="Open it in a browser and sign in with an API key.")
        look = Text(zh="另开一个终端，导入与查询：", en="In another terminal, import a roster, then ask:")
    return Text(
        zh=f"\nCareLedger 已启动：{address}（{page.zh}）\n"
        f"接口文档 {address}/docs；数据目录 {settings.data_dir}；按 Ctrl-C 停止\n"
        f"{look.zh}\n{commands}\n生成接口密钥：\n{key}",
        en=f"\nCareLedger is running at {address}. {page.en}\n"
        f"API documentation: {address}/docs. Data: {settings.data_dir}. Ctrl-C stops it.\n"
        f"{look.en}\n{commands}\nTo use the API, make a key:\n{key}",
    )


def _unwatched(session: Session) -> Text:
    """Return who is not told of alerts or of a stopped watch, and what to do; empty if nobody is."""
    with session.system() as system:
        outside = told_outside(system)
    me = _me(session.settings)
    lines: list[Text] = []
    if not outside:
        add = (
            f"{me} recipients add --org {SAMPLE_COUNTY} --name Office --catch-all "
            "--channel webhook --address https://… --secret whsec_…"
        )
        lines.append(
            Text(
                zh=f"预警目前不会通知外部任何人，请登记接收人：\n  {add}",
                en=f"Alerts reach nobody outside until you add a recipient:\n  {add}",
            )
        )
    if session.settings.ping_url is None:
        again = f"CARELEDGER_PING_URL=https://… {me} up"
        lines.append(
            Text(
                zh=f"后台停摆也不会有人知晓，请设外部监控的地址：\n  {again}",
                en=f"Nobody would notice if the watch stopped until you name an outside monitor:\n  {again}",
            )
        )
    return Text(zh="\n".join(t.zh for t in lines), en="\n".join(t.en for t in lines))


def _me(settings: Settings) -> str:
    """Return the words by which this program is called on the same data."""
    me = shlex.quote(_shortest(Path(sys.argv[0])))
    if settings.data_dir != Path("var").resolve():
        me = f"CARELEDGER_DATA_DIR={shlex.quote(str(settings.data_dir))} {me}"
    return me


def _both(first: Text, second: Text) -> Text:
    return Text(zh=f"{first.zh}\n{second.zh}".rstrip(), en=f"{first.en}\n{second.en}".rstrip())


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _shortest(path: Path) -> str:
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _with(reason: Reason, detail: str) -> Reason:
    return Reason(code=reason.code, zh=f"{reason.zh}（{detail}）", en=f"{reason.en} ({detail})")


def _become(arguments: Sequence[str]) -> NoReturn:
    """Turn this process into the program, so that signals reach it itself."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  our own program
