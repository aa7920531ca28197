"""A real SMTP server on the loopback that behaves as badly as it is told to."""

import base64
import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from socketserver import StreamRequestHandler, ThreadingTCPServer

SLOW_SECONDS, DRIP_SECONDS = 0.15, 0.05


@dataclass
class Mail:
    """One message as it came in."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message as a mail program shows it."""
        return BytesParser(policy=default).parsebytes(self.raw)


@dataclass
class PostOffice:
    """What the server is to answer, and what it was sent.

    `replies` and `manners` go by stage: CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, and END for the end
    of the message. A manner is "silent", "reset", "slow", or one of a reply that never ends: "drips" and
    "pours". `tls` is a context for who asks for encryption.
    """

    port: int = 0
    replies: dict[str, str] = field(default_factory=dict)
    manners: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    password: str | None = None
    heard: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


class _Over(Exception):
    """The conversation ends here."""


class _Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, office: PostOffice) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.office = office
        office.port = self.server_address[1]

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Leave the end to the handler, which has closed the connection in the manner it was told."""
        assert isinstance(request, socket.socket)
        request.close()


class _Handler(StreamRequestHandler):
    encrypted = False
    sender = ""
    recipient = ""

    @property
    def office(self) -> PostOffice:
        assert isinstance(self.server, _Server)
        return self.server.office

    def handle(self) -> None:
        verbs = {
            "EHLO": self.ehlo,
            "STARTTLS": self.starttls,
            "AUTH": self.auth,
            "MAIL": self.mail,
            "RCPT": self.rcpt,
            "DATA": self.data,
            "QUIT": self.quit,
        }
        with contextlib.suppress(_Over, OSError, ValueError):
            if self.office.tls_at_once:
                self.encrypt()
            self.say("CONNECT", "220 post.example ESMTP")
            while line := self.rfile.readline().decode("ascii").rstrip("\r\n"):
                self.office.heard.append(line)
                verb, _, rest = line.partition(" ")
                if (obey := verbs.get(verb.upper())) is not None:
                    obey(rest)
                else:
                    self.say(verb.upper(), "502 what?")

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        with contextlib.suppress(OSError):
            self.connection.close()

    def encrypt(self) -> None:
        assert self.office.tls is not None
        self.rfile.close()
        self.connection = self.office.tls.wrap_socket(self.connection, server_side=True)
        self.encrypted = True
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def say(self, stage: str, text: str) -> bool:
        manner = self.office.manners.get(stage)
        if manner == "silent":
            self.office.released.wait(30)
            raise _Over
        if manner == "slow":
            self.office.released.wait(SLOW_SECONDS)
        if manner == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RD)
            raise _Over
        if manner in {"drips", "pours"}:
            while not self.office.released.wait(DRIP_SECONDS if manner == "drips" else 0):
                self.wfile.write(b"2" if manner == "drips" else b"250-and more\r\n" * 50)
            raise _Over
        said = self.office.replies.get(stage, text)
        self.wfile.write(said.encode() + b"\r\n")
        return said == text

    def ehlo(self, _rest: str) -> None:
        extensions = ["250-post.example"]
        extensions += ["250-STARTTLS"] if self.office.tls and not self.encrypted else []
        extensions += ["250-AUTH PLAIN"] if self.office.password is not None and self.encrypted else []
        self.say("EHLO", "\r\n".join([*extensions, "250 8BITMIME"]))

    def starttls(self, _rest: str) -> None:
        if self.say("STARTTLS", "220 go ahead"):
            self.encrypt()

    def auth(self, rest: str) -> None:
        login = base64.b64decode(rest.partition(" ")[2]).decode()
        known = login == f"\0care\0{self.office.password}"
        self.say("AUTH", "235 welcome" if known else f"535 5.7.8 wrong: {login}")

    def mail(self, rest: str) -> None:
        self.sender = rest.partition(":<")[2].partition(">")[0]
        self.say("MAIL", "250 ok")

    def rcpt(self, rest: str) -> None:
        self.recipient = rest.partition(":<")[2].partition(">")[0]
        self.say("RCPT", "250 ok")

    def data(self, _rest: str) -> None:
        if not self.say("DATA", "354 go on"):
            return
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _Over
            lines.append(line.removeprefix(b"."))
        self.office.mails.append(Mail(sender=self.sender, recipient=self.recipient, raw=b"".join(lines)))
        self.say("END", "250 2.0.0 Ok: queued as 4Xyz0Q1abc")

    def quit(self, _rest: str) -> None:
        self.say("QUIT", "221 bye")
        raise _Over


@contextlib.contextmanager
def running_post_office() -> Iterator[PostOffice]:
    """This will yield a server that ends with the block."""
    office = PostOffice()
    server = _Server(office)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        office.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
