"""What every channel owes: the same questions to each module in `workers/channels/`."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from application.eventstore.database import utc_now
from application.settings import Smtp
from projections.database import Database
from projections.outbox.inbox import inbox_of
from tests.support.builders import an_id
from tests.support.world import SECRET, World
from tests.workers.post_office import PostOffice, running_post_office
from tests.workers.sink import Sink, running_sink
from workers.channel import (
    Accepted,
    Channel,
    Item,
    Notice,
    Outcome,
    Permanent,
    Resources,
    Retryable,
    Unknown,
    channels,
)
from workers.outgoing import Answer, http_client, post, refusal


def _send_to_bot(notice: Notice, resources: Resources) -> Outcome:
    answer = post(
        notice.address,
        body=" ".join(str(item.alert_id) for item in notice.items).encode(),
        headers={},
        resources=resources,
    )
    if not isinstance(answer, Answer):
        return answer
    if (refused := refusal(answer, now=resources.now())) is not None:
        return refused
    return Accepted() if b'"errcode":0' in answer.body else Permanent(reason="errcode")


# A stand-in for the chat robots that say no under a status of 200: the contract must see through it.
BOT = Channel(
    name="bot",
    send=_send_to_bot,
    calls_out=True,
    takes=b'{"errcode":0}',
    refuses=b'{"errcode":93000,"errmsg":"invalid webhook url"}',
)
CHANNELS = {**{n: c for n, c in channels().items() if c.for_people}, "bot": BOT}
EVERY = sorted(CHANNELS)
CALLING_OUT = [name for name in EVERY if CHANNELS[name].calls_out]
MAILING = [name for name in EVERY if CHANNELS[name].mails_out]
MAIL_ADDRESS = "head.teacher@school.example"
SAYING_NO_UNDER_200 = [name for name in CALLING_OUT if CHANNELS[name].refuses is not None]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with running_post_office() as office:
        yield office


@pytest.fixture
def mailing(resources: Resources, office: PostOffice) -> Resources:
    server = Smtp(host="post.example", port=office.port, sender="care@ledger.example", timeout_seconds=5.0)
    return replace(resources, smtp=server)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world.database


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with http_client(timeout_seconds=1.0) as http:
        yield http


@pytest.fixture
def resources(database: Database, http: httpx.Client) -> Resources:
    return Resources(
        database=database,
        now=utc_now,
        http=http,
        resolve=lambda _host, _port: ["127.0.0.1"],
        allow_private=True,
    )


def an_item(number: int = 0, *, step: str = "high", org: str = "county/township/school") -> Item:
    return Item(
        delivery_id=an_id(f"delivery {number}"),
        alert_id=an_id(f"alert {number}"),
        child_id=an_id(f"child {number}"),
        org=org,
        step=step,
        days_silent=45,
        created_at=datetime(2026, 4, 15, tzinfo=UTC),
    )


def notice(address: str, *, many: int = 1) -> Notice:
    """A single notice, or a digest of many at two organisations."""
    items = tuple(an_item(number, org=f"county/township/school {number % 2}") for number in range(many))
    return Notice(
        message_id=items[0].delivery_id if many == 1 else an_id("message"),
        recipient_id=an_id("recipient"),
        items=items,
        address=address,
        secret=SECRET,
    )


def sent(name: str, sink: Sink, resources: Resources, *, many: int = 1) -> Outcome:
    return sent_to(name, sink.url.replace("127.0.0.1", "hooks.example"), resources, many=many)


def sent_to(name: str, address: str, resources: Resources, *, many: int = 1) -> Outcome:
    outcome = CHANNELS[name].send(notice(address, many=many), resources)
    if not isinstance(outcome, Accepted):
        # Reasons are shown and logged: a word of ours, never a text of the other side.
        assert re.fullmatch(r"[a-z0-9_]{1,40}", outcome.reason)
    return outcome


def willing(name: str, sink: Sink) -> Channel:
    channel = CHANNELS[name]
    sink.body = channel.takes
    return channel


@pytest.mark.parametrize("name", [name for name in EVERY if name not in MAILING])
@pytest.mark.parametrize("many", [1, 100])
def test_a_notice_is_accepted_and_twice_the_same_is_still_accepted(
    name: str, many: int, sink: Sink, resources: Resources
) -> None:
    willing(name, sink)

    assert [type(sent(name, sink, resources, many=many)) for _ in range(2)] == [Accepted, Accepted]
    assert len(sink.posted) == (2 if CHANNELS[name].calls_out else 0)
    assert len({posted.body for posted in sink.posted}) <= 1
    for posted in sink.posted:
        assert len(posted.body) < 20_000
        assert all(str(an_id(f"alert {number}")).encode() in posted.body for number in range(many))
        assert b"school" not in posted.body


def test_a_digest_lies_in_the_inbox_as_one_notice_for_each_alert(resources: Resources) -> None:
    assert sent_to("inbox", "", resources, many=7) == Accepted()
    assert sent_to("inbox", "", resources, many=7) == Accepted()

    found = inbox_of(resources.database, recipient_id=an_id("recipient"), limit=500)
    assert {item.alert_id for item in found} >= {an_id(f"alert {number}") for number in range(7)}
    assert len({item.delivery_id for item in found}) == len(found)


@pytest.mark.parametrize("name", SAYING_NO_UNDER_200)
def test_a_refusal_under_status_200_is_no_success(name: str, sink: Sink, resources: Resources) -> None:
    sink.body = CHANNELS[name].refuses or b""

    assert isinstance(sent(name, sink, resources), Permanent | Retryable)


@pytest.mark.parametrize("name", CALLING_OUT)
@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_a_refusal_is_for_good(name: str, status: int, sink: Sink, resources: Resources) -> None:
    willing(name, sink)
    sink.status = status

    assert isinstance(sent(name, sink, resources), Permanent)


@pytest.mark.parametrize("name", CALLING_OUT)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_trouble_on_the_other_side_is_tried_again(
    name: str, status: int, sink: Sink, resources: Resources
) -> None:
    willing(name, sink)
    sink.status = status

    assert isinstance(sent(name, sink, resources), Retryable)


@pytest.mark.parametrize("name", CALLING_OUT)
@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("0", 0), ("999999999999", 86_400), ("soon", None), (None, None), ("-5", None)],
)
def test_who_is_asked_to_wait_waits_so_long(
    name: str, said: str | None, seconds: int | None, sink: Sink, resources: Resources
) -> None:
    willing(name, sink)
    sink.status = 429
    sink.headers = {"Retry-After": said} if said else {}

    outcome = sent(name, sink, resources)

    assert isinstance(outcome, Retryable)
    assert outcome.retry_after == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("name", CALLING_OUT)
def test_who_is_asked_to_wait_until_a_moment_waits_until_then(
    name: str, sink: Sink, resources: Resources
) -> None:
    now = utc_now().replace(microsecond=0)
    willing(name, sink)
    sink.status = 503
    sink.headers = {"Retry-After": format_datetime(now + timedelta(minutes=3), usegmt=True)}

    outcome = sent(name, sink, replace(resources, now=lambda: now))

    assert isinstance(outcome, Retryable)
    assert outcome.retry_after == timedelta(minutes=3)


@pytest.mark.parametrize("name", CALLING_OUT)
def test_a_side_that_does_not_answer_leaves_it_open(name: str, sink: Sink, resources: Resources) -> None:
    sink.manner = "silent"

    with http_client(timeout_seconds=0.3) as http:
        assert isinstance(sent(name, sink, replace(resources, http=http)), Unknown)


@pytest.mark.parametrize("name", CALLING_OUT)
@pytest.mark.parametrize("manner", ["drips_status", "drips_headers", "drips_body"])
def test_a_call_ends_at_its_limit_however_the_answer_drips(
    name: str, manner: str, sink: Sink, resources: Resources
) -> None:
    sink.manner = manner
    began = time.monotonic()

    with http_client(timeout_seconds=0.4) as http:
        outcome = sent(name, sink, replace(resources, http=http))

    assert outcome == Unknown(reason="timeout")
    assert 0.3 < time.monotonic() - began < 2.0


@pytest.mark.parametrize("name", CALLING_OUT)
def test_a_refusal_whose_body_drips_is_a_refusal(name: str, sink: Sink, resources: Resources) -> None:
    sink.manner, sink.status = "drips_body", 404

    with http_client(timeout_seconds=0.4) as http:
        assert sent(name, sink, replace(resources, http=http)) == Permanent(reason="http_404")


@pytest.mark.parametrize("name", CALLING_OUT)
def test_a_connection_cut_off_leaves_it_open(name: str, sink: Sink, resources: Resources) -> None:
    sink.manner = "reset"

    assert isinstance(sent(name, sink, resources), Unknown)


@pytest.mark.parametrize("name", CALLING_OUT)
def test_a_side_that_is_not_there_is_tried_again(name: str, resources: Resources) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        sink = Sink(url=f"http://127.0.0.1:{nobody.getsockname()[1]}/care")

        assert isinstance(sent(name, sink, resources), Retryable)


@pytest.mark.parametrize("name", CALLING_OUT)
def test_a_name_that_is_not_found_is_tried_again(name: str, sink: Sink, resources: Resources) -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "no such name")

    assert isinstance(sent(name, sink, replace(resources, resolve=unknown)), Retryable)
    assert sink.posted == []


@pytest.mark.parametrize("name", [*CALLING_OUT, *MAILING])
def test_a_lookup_that_is_not_answered_is_given_up_and_tried_again(
    name: str, sink: Sink, office: PostOffice, mailing: Resources
) -> None:
    answered = threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        answered.wait(30)
        return ["127.0.0.1"]

    address = MAIL_ADDRESS if name in MAILING else sink.url.replace("127.0.0.1", "hooks.example")
    hasty = replace(mailing, resolve=silent, lookup_seconds=0.2)

    outcome = sent_to(name, address, hasty)

    answered.set()
    assert outcome == Retryable(reason="unknown_host")
    assert (sink.posted, office.heard) == ([], [])


@pytest.mark.parametrize("name", CALLING_OUT)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(name: str, status: int, sink: Sink, resources: Resources) -> None:
    willing(name, sink)
    sink.status = status
    sink.headers = {"Location": f"{sink.url}/elsewhere"}

    assert isinstance(sent(name, sink, resources), Permanent)
    assert [posted.path for posted in sink.posted] == ["/care"]


@pytest.mark.parametrize("name", CALLING_OUT)
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ],
)
def test_an_address_inside_is_refused_unless_allowed(
    name: str, address: str, sink: Sink, resources: Resources
) -> None:
    outside = replace(resources, allow_private=False, resolve=lambda _host, _port: ["93.184.216.34", address])

    outcome = CHANNELS[name].send(notice("https://hooks.example/care"), outside)

    assert outcome == Permanent(reason="private_address")
    assert sink.posted == []


@pytest.mark.parametrize("name", CALLING_OUT)
@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://hooks.example",
        "hooks.example",
        "https://",
        "https://user:word@hooks.example/",
        "https://[::1",
    ],
)
def test_an_address_that_is_none_is_refused(name: str, address: str, resources: Resources) -> None:
    assert CHANNELS[name].send(notice(address), resources) == Permanent(reason="bad_address")


@pytest.mark.parametrize("name", CALLING_OUT)
def test_plain_http_leaves_the_house_only_where_inside_addresses_are_allowed(
    name: str, resources: Resources
) -> None:
    outside = replace(resources, allow_private=False, resolve=lambda _host, _port: ["93.184.216.34"])

    assert CHANNELS[name].send(notice("http://hooks.example/"), outside) == Permanent(reason="bad_address")


@pytest.mark.parametrize("name", MAILING)
@pytest.mark.parametrize("many", [1, 100])
def test_a_mail_is_accepted_and_twice_the_same_is_one_message(
    name: str, many: int, office: PostOffice, mailing: Resources
) -> None:
    moments = iter([utc_now(), utc_now() + timedelta(hours=1)])
    ticking = replace(mailing, now=lambda: next(moments))

    assert [type(sent_to(name, MAIL_ADDRESS, ticking, many=many)) for _ in range(2)] == [Accepted, Accepted]
    first, second = office.mails
    assert first.recipient == second.recipient == MAIL_ADDRESS
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Date"] != second.message["Date"]
    text = first.message.get_content()
    assert text == second.message.get_content()
    assert all(str(an_id(f"alert {number}")) in text for number in range(many))
    assert "county" not in text


STAGES = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END"]
BEFORE_THE_MESSAGE = STAGES[:-1]


@pytest.mark.parametrize("name", MAILING)
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("code", [451, 550])
def test_a_refused_mail_is_tried_again_or_not_by_its_code(
    name: str, stage: str, code: int, office: PostOffice, mailing: Resources
) -> None:
    office.replies[stage] = f"{code} no, {MAIL_ADDRESS}"
    if stage == "EHLO":
        office.replies["HELO"] = office.replies[stage]

    assert isinstance(sent_to(name, MAIL_ADDRESS, mailing), Retryable if code < 500 else Permanent)


@pytest.mark.parametrize("name", MAILING)
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("said", ["hello", "354 go on" * 1000, ""])
def test_a_mail_server_that_talks_nonsense_has_taken_nothing_for_sure(
    name: str, stage: str, said: str, office: PostOffice, mailing: Resources
) -> None:
    office.replies[stage] = said
    if stage == "EHLO":
        office.replies["HELO"] = said

    assert isinstance(sent_to(name, MAIL_ADDRESS, mailing), Unknown if stage == "END" else Retryable)


@pytest.mark.parametrize("name", MAILING)
@pytest.mark.parametrize("manner", ["silent", "reset"])
@pytest.mark.parametrize("stage", BEFORE_THE_MESSAGE)
def test_a_mail_server_lost_before_the_message_is_tried_again(
    name: str, stage: str, manner: str, office: PostOffice, mailing: Resources
) -> None:
    assert mailing.smtp is not None
    office.manners[stage] = manner

    hasty = replace(mailing, smtp=replace(mailing.smtp, timeout_seconds=0.2 if manner == "silent" else 5.0))

    assert isinstance(sent_to(name, MAIL_ADDRESS, hasty), Retryable)
    assert office.mails == []


@pytest.mark.parametrize("name", MAILING)
@pytest.mark.parametrize("manner", ["drips", "pours"])
@pytest.mark.parametrize("stage", ["CONNECT", "RCPT", "END"])
def test_a_mail_ends_at_its_limit_however_the_reply_drips(
    name: str, stage: str, manner: str, office: PostOffice, mailing: Resources
) -> None:
    assert mailing.smtp is not None
    office.manners[stage] = manner
    began = time.monotonic()

    outcome = sent_to(name, MAIL_ADDRESS, replace(mailing, smtp=replace(mailing.smtp, timeout_seconds=0.4)))

    assert isinstance(outcome, Unknown if stage == "END" else Retryable)
    assert 0.3 < time.monotonic() - began < 2.0


@pytest.mark.parametrize("name", MAILING)
@pytest.mark.parametrize("manner", ["silent", "reset"])
def test_a_mail_server_lost_after_the_message_leaves_it_open(
    name: str, manner: str, office: PostOffice, mailing: Resources
) -> None:
    assert mailing.smtp is not None
    office.manners["END"] = manner

    hasty = replace(mailing, smtp=replace(mailing.smtp, timeout_seconds=1.0 if manner == "silent" else 5.0))

    assert isinstance(sent_to(name, MAIL_ADDRESS, hasty), Unknown)


@pytest.mark.parametrize("name", MAILING)
def test_a_mail_server_that_is_not_there_is_tried_again(name: str, mailing: Resources) -> None:
    assert mailing.smtp is not None
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        server = replace(mailing.smtp, port=nobody.getsockname()[1])

        assert isinstance(sent_to(name, MAIL_ADDRESS, replace(mailing, smtp=server)), Retryable)


@pytest.mark.parametrize("name", MAILING)
def test_a_mail_server_whose_name_is_not_found_is_tried_again(
    name: str, office: PostOffice, mailing: Resources
) -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "no such name")

    assert isinstance(sent_to(name, MAIL_ADDRESS, replace(mailing, resolve=unknown)), Retryable)
    assert office.heard == []


@pytest.mark.parametrize("name", MAILING)
def test_without_a_mail_server_others_are_to_be_told(name: str, resources: Resources) -> None:
    assert sent_to(name, MAIL_ADDRESS, resources) == Permanent(reason="not_configured")


@pytest.mark.parametrize("name", MAILING)
@pytest.mark.parametrize(
    "address",
    [
        "",
        "school.example",
        "head@school",
        "head@school.example\r\nBcc: all@school.example",
        "head@school.example\n",
        "head@school.example> SIZE=1",
        "head@school.example, other@school.example",
        "Head Teacher <head@school.example>",
        '"a b"@school.example',
        "=?utf-8?q?a=0D=0AX:_y?=@school.example",
        "校长@school.example",
        f"{'h' * 65}@school.example",
        f"head@{'school.' * 40}example",
    ],
)
def test_a_mail_address_that_is_none_is_refused(
    name: str, address: str, office: PostOffice, mailing: Resources
) -> None:
    assert sent_to(name, address, mailing) == Permanent(reason="bad_address")
    assert office.heard == []
