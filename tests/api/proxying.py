"""The proxy as it is shipped, before one instance of the service."""

import contextlib
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.processes import Program, started

SHIPPED = Path(__file__).parents[2] / "examples" / "proxy" / "nginx.conf"


@contextmanager
def proxied(url: str, folder: Path, *, way: str) -> Iterator[str]:
    """Return the way to a service: "direct", or through nginx by the shipped configuration ("proxy").

    Only what names a place differs: the port, the folders, and the instance, which no name server knows.
    """
    if way == "direct":
        yield url
        return
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("no nginx on this machine")
    place = folder / "proxy"
    place.mkdir()
    shipped = SHIPPED.read_text()
    for old, new in (
        ("/tmp/", f"{place}/"),
        ("server api:8080 resolve", f"server {urlsplit(url).netloc}"),
        ("resolver 127.0.0.11 valid=5s;", ""),
    ):
        assert old in shipped
        shipped = shipped.replace(old, new)

    def program(port: int) -> tuple[str, Program]:
        conf = place / "nginx.conf"
        conf.write_text(shipped.replace("listen 8080;", f"listen 127.0.0.1:{port};"))
        at = f"http://127.0.0.1:{port}"

        def ready(_pid: int) -> bool:
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{at}/healthz", timeout=2, trust_env=False).status_code == 200
            return False

        return at, Program(
            arguments=[nginx, "-p", str(place), "-c", str(conf), "-e", "/dev/stderr", "-g", "daemon off;"],
            ready=ready,
            stop_signal=signal.SIGTERM,
            log=place / "nginx.log",
        )

    with started(program) as proxy:
        yield proxy.url
