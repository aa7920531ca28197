"""The page about clients, run as it is written against the service in processes of its own."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from application.access import SYSTEM, Role
from application.system import open_system
from tests.api.serving import Service, serving
from tests.support.pages import DOCS, Block, agrees, blocks

PAGE = DOCS / "clients.md"
END = "=== end of block ==="


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("office")
    with serving(f"sqlite:///{folder}/care.db", folder) as made:
        yield made


def client_key(office: Service) -> str:
    """Make a key of the role that the page names."""
    system = open_system(office.settings)
    try:
        return system.api_keys.create(actor=SYSTEM, name="app", role=Role.CLIENT)[1]
    finally:
        system.close()


def programs(language: str) -> list[Block]:
    return [block for block in blocks(PAGE.read_text(encoding="utf-8")) if block.language == language]


def check(office: Service, folder: Path, language: str, program: Sequence[str], *, mark: str) -> None:
    """Run all blocks of one language as one program, and hold what each says against the page."""
    found = programs(language)
    source = "".join(f"{block.code}\n{mark}\n" for block in found)
    ended = subprocess.run(
        [*program, source],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "BASE": office.server.url,
            "KEY": client_key(office),
            "NO_PROXY": "127.0.0.1",
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    said = ended.stdout.split(f"{END}\n")[:-1]
    assert len(said) == len(found)
    for block, text in zip(found, said, strict=True):
        assert agrees(block.shown or "", text), f"{block.code}\nsaid\n{text}"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="there is no curl here")
def test_what_the_page_does_with_curl(office: Service, tmp_path: Path) -> None:
    check(office, tmp_path, "sh", ("bash", "-euo", "pipefail", "-c"), mark=f"echo '{END}'")


def test_what_the_page_does_with_python(office: Service, tmp_path: Path) -> None:
    check(office, tmp_path, "python", (sys.executable, "-c"), mark=f"print({END!r})")


def test_every_task_is_shown_in_both_languages_with_what_comes_out() -> None:
    shells, pythons = programs("sh"), programs("python")

    assert len(shells) == len(pythons) == 6
    assert all(block.shown for block in [*shells[1:], *pythons[1:]])


@pytest.fixture
def full() -> Iterator[tuple[str, list[str]]]:
    """A server that has no room until the day ends, and what it was asked for."""
    asked: list[str] = []

    class Full(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(429)
            self.send_header("Retry-After", "54794")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Full)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("language", "program", "use"),
    [
        (
            "python",
            (sys.executable, "-c"),
            'try:\n    put("/x", {})\nexcept Later as later:\n    print(later)',
        ),
        pytest.param(
            "sh",
            ("bash", "-euo", "pipefail", "-c"),
            'send "$BASE/x" -d "{}" -o /dev/null -w "%header{retry-after}.0\n"',
            marks=pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here"),
        ),
    ],
)
def test_nothing_sleeps_until_the_day_ends(
    full: tuple[str, list[str]], language: str, program: tuple[str, ...], use: str
) -> None:
    base, asked = full
    ended = subprocess.run(
        [*program, f"{programs(language)[0].code}\n{use}\n"],
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "BASE": base,
            "KEY": "crk_x",
            "NO_PROXY": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )

    assert (ended.stdout.split()[:1], asked) == (["54794.0"], ["/x"])
