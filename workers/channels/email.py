"""E-mail: ids and numbers in Chinese and English, the same Message-ID at every attempt."""

import io
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from itertools import groupby
from typing import Any

from application.settings import Smtp, is_mail_address
from domain.alert_kind import UNCONTACTED, alert_kinds, label_of
from domain.case_no import case_no_of
from domain.days import SHANGHAI
from domain.org import Step
from workers.channel import Accepted, Channel, Item, Notice, Outcome, Permanent, Resources, Retryable, Unknown
from workers.deadline_transport import CONNECT_SECONDS
from workers.outgoing import looked_up

GOODBYE_SECONDS = 2.0
SHORTEST_WAIT = 0.001
_QUEUED_AS = re.compile(rb"queued as ([A-Za-z0-9]{6,40})(?![^\s])")


def _send(notice: Notice, resources: Resources) -> Outcome:
    server, address = resources.smtp, notice.address
    if server is None:
        return Permanent(reason="not_configured")
    if address is None or not is_mail_address(address):
        return Permanent(reason="bad_address")
    try:
        found = looked_up(server.host, server.port, resources=resources)
    except (OSError, UnicodeError):
        found = ()
    if not found:
        return Retryable(reason="unknown_host")
    payload = _message(notice, address, sender=server.sender, now=resources.now())
    with closing(_Session(server, addresses=found, tls=resources.tls)) as session:
        return _leave_to_send(session, to=address) or _handed_over(session, payload)


class _Session(smtplib.SMTP):
    """One conversation, with an address that has been looked up; all of it together has so much time."""

    def __init__(self, server: Smtp, *, addresses: Sequence[str], tls: Callable[[], ssl.SSLContext]) -> None:
        self.server = server
        self.tls = tls
        self._addresses = addresses
        self._deadline = time.monotonic() + server.timeout_seconds
        # The name of this machine is nobody's business, and asking for it may take long.
        super().__init__(local_hostname=server.sender.partition("@")[2], timeout=server.timeout_seconds)
        self._host = server.host  # STARTTLS holds the certificate against it

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            self.sock.settimeout(self._left())
            if self.file is None:
                # The library's own file times each read by itself: a reply that drips would have no end.
                self.file = io.BufferedReader(_Dripping(self.sock, left=self._left))
        try:
            return super().getreply()
        except smtplib.SMTPResponseException:
            # The 500 in it is not the server's: its line was too long.
            return -1, b""

    def send(self, s: bytes | str) -> None:  # type: ignore[override]  # it takes any buffer, and is given these
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(s)

    def say_goodbye(self) -> None:
        """Leave in good manner, without waiting for long: the message has been taken."""
        self._deadline = min(self._deadline, time.monotonic() + GOODBYE_SECONDS)
        with suppress(OSError):
            self.quit()

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        connected = self._connected(port)
        connected.settimeout(self._left())
        return self.tls().wrap_socket(connected, server_hostname=host) if self.server.tls else connected

    def _connected(self, port: int) -> socket.socket:
        error = OSError("no address")
        for address in self._addresses:
            try:
                return socket.create_connection((address, port), timeout=min(CONNECT_SECONDS, self._left()))
            except OSError as failed:
                error = failed
        raise error

    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), SHORTEST_WAIT)


class _Dripping(io.RawIOBase):
    """What comes from a socket, each read in the time that is left for the whole conversation."""

    def __init__(self, connected: socket.socket, *, left: Callable[[], float]) -> None:
        self._socket = connected
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        left = self._left()
        if left <= SHORTEST_WAIT:
            # A reply of ever more lines leaves nothing to wait for.
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket.recv_into(buffer)


def _leave_to_send(session: _Session, *, to: str) -> Retryable | Permanent | None:
    """Go as far as the server's leave to send the message; None when it is given. Nothing is taken yet."""
    server, stage = session.server, "connect"
    try:
        _expect(session.connect(server.host, server.port), hundreds=2)
        stage = "hello"
        session.ehlo_or_helo_if_needed()
        if server.starttls:
            stage = "starttls"
            session.starttls(context=session.tls())
            session.ehlo_or_helo_if_needed()
        if server.user is not None:
            stage = "login"
            session.login(server.user, server.password)
        stage = "sender"
        _expect(session.mail(server.sender), hundreds=2)
        stage = "recipient"
        _expect(session.rcpt(to), hundreds=2)
        stage = "data"
        _expect(session.docmd("DATA"), hundreds=3)
    except smtplib.SMTPResponseException as error:
        return _refusal(stage, error.smtp_code) or Retryable(reason="bad_reply")
    except ssl.SSLError:
        return Retryable(reason="tls_failed")
    except smtplib.SMTPServerDisconnected as error:
        return Retryable(reason=_how_lost(error))
    except smtplib.SMTPException:
        return Retryable(reason=f"no_{stage}")
    except OSError:
        return Retryable(reason="unreachable" if stage == "connect" else "connection_lost")
    return None


def _handed_over(session: _Session, payload: bytes) -> Outcome:
    """Send the message. From here on, only an answer tells whether it was taken."""
    try:
        session.send(payload)
        code, said = session.getreply()
    except OSError as error:
        return Unknown(reason=_how_lost(error))
    if code // 100 != 2:
        return _refusal("message", code) or Unknown(reason="bad_reply")
    session.say_goodbye()
    queued = _QUEUED_AS.search(said)
    return Accepted(provider_id=queued[1].decode() if queued else f"smtp_{code}")


def _expect(reply: tuple[int, bytes], *, hundreds: int) -> None:
    if reply[0] // 100 != hundreds:
        raise smtplib.SMTPResponseException(reply[0], "")


def _refusal(stage: str, code: int) -> Retryable | Permanent | None:
    """Judge a reply by its code; None where it is no refusal."""
    if code // 100 == 4:
        return Retryable(reason=f"{stage}_{code}")
    if code // 100 == 5:
        return Permanent(reason=f"{stage}_{code}")
    return None


def _how_lost(error: OSError) -> str:
    # smtplib says the same of both; what it was handling tells them apart.
    timed_out = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    return "timeout" if timed_out else "connection_lost"


def _message(notice: Notice, address: str, *, sender: str, now: datetime) -> bytes:
    """Write the message as it goes over the wire, its end included; at the next attempt only Date differs."""
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(display_name="CareLedger", addr_spec=sender)
    message["To"] = address
    message["Subject"] = f"CareLedger: {_subject(notice)}"
    message["Date"] = now.astimezone(SHANGHAI)
    message["Message-ID"] = f"<{notice.message_id}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    # In base64 no line begins with a dot, which would have to be doubled.
    message.set_content((_list(notice) if notice.digest else _text(notice.items[0])) + _END, cte="base64")
    return message.as_bytes() + b".\r\n"


_END = (
    "\n"
    "请登录关爱台账处理。本邮件由系统自动发送，请勿回复。\n"
    "Please answer the alert in CareLedger. This message was sent automatically; do not reply.\n"
)


def _subject(notice: Notice) -> str:
    first, number = notice.items[0], len(notice.items)
    step, label = Step.from_word(first.step), label_of(first.kind)
    if notice.digest:
        if {item.kind for item in notice.items} == {UNCONTACTED}:
            return f"{number} 条失联预警 / {number} silence alerts (最高 / worst: {step.zh} / {step.en})"
        return f"{number} 条预警 / {number} alerts (最高 / worst: {step.zh} / {step.en})"
    days = first.days_silent
    if first.kind == UNCONTACTED:
        return f"{days} 天未联系 / {days} days silent ({step.zh} / {step.en})"
    return f"{label.zh} {days} 天 / {label.en}, {days} days ({step.zh} / {step.en})"


def _said(item: Item) -> str:
    """Return what an alert says, in both languages, and both silences of the child as far as known."""
    kind, days = alert_kinds().get(item.kind), item.days_silent
    said = kind.notice if kind else label_of(item.kind)
    lines = [said.zh.format(days=days), said.en.format(days=days)]
    for zh, en, counted in (("未联系", "silent", item.silence), ("未见面", "unseen", item.unseen)):
        if counted is not None:
            lines.append(f"{zh} / {en}: {counted.days} 天 / days（{counted.since}，{counted.type}）")
    return "\n".join(lines)


def _text(item: Item) -> str:
    step = Step.from_word(item.step)
    return (
        f"{_said(item)}\n"
        "\n"
        f"级别 / Step: {step.zh} / {step.en}\n"
        f"个案编号 / Case no.: {case_no_of(item.child_id)}\n"
        f"预警编号 / Alert id: {item.alert_id}\n"
        f"儿童编号 / Child id: {item.child_id}\n"
        f"通知时间 / Noticed at: {_noticed(item)}\n"
    )


def _list(notice: Notice) -> str:
    """List the alerts by step, those of one organisation together; nothing says which one it is."""
    number, silent = len(notice.items), {item.kind for item in notice.items} == {UNCONTACTED}
    zh, en = ("失联预警", "alerts of silence") if silent else ("预警", "alerts")
    lines = [
        f"有 {number} 条{zh}，按级别排列；同一机构的排在一起。\n",
        f"There are {number} {en}, by step; those of one organisation stand together.\n",
    ]
    for word, of_step in groupby(notice.items, key=lambda item: item.step):
        step, items = Step.from_word(word), list(of_step)
        lines.append(f"\n{step.zh} / {step.en}: {len(items)}\n")
        for _, of_org in groupby(items, key=lambda item: item.org):
            lines += ["\n", *(_listed(item, named=not silent) for item in of_org)]
    return "".join(lines)


def _listed(item: Item, *, named: bool) -> str:
    about = f"{label_of(item.kind).zh} / {label_of(item.kind).en}，" if named else ""
    return (
        f"{about}个案 / case {case_no_of(item.child_id)}，"
        f"预警 / alert {item.alert_id}，儿童 / child {item.child_id}，"
        f"{item.days_silent} 天 / days，{_noticed(item)}\n"
    )


def _noticed(item: Item) -> str:
    return item.created_at.astimezone(SHANGHAI).isoformat(timespec="minutes")


def _fits(address: str | None, _secret: str | None) -> bool:
    return is_mail_address(address)


CHANNEL = Channel(name="email", send=_send, mails_out=True, fits=_fits)
