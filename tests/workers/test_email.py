"""The e-mail: what is in it, over which connection it goes, and what is kept out of logs."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from application.settings import BadSetting, Settings, Smtp, read_settings
from domain.case_no import case_no_of
from tests.support.builders import an_id
from tests.support.world import World
from tests.workers.post_office import SLOW_SECONDS, PostOffice, running_post_office
from tests.workers.test_channel_contract import an_item, notice
from workers.channel import Accepted, Outcome, Permanent, Resources, Retryable, channels

ADDRESS = "head.teacher@school.example"
PASSWORD = "Canary-Password"
NOW = datetime(2026, 4, 15, 1, 30, tzinfo=UTC)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with running_post_office() as office:
        yield office


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resources]:
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world.watch.sender.resources


@pytest.fixture
def resources(house: Resources, office: PostOffice) -> Resources:
    server = Smtp(host="post.example", port=office.port, sender="care@ledger.example", timeout_seconds=5.0)
    return replace(house, now=lambda: NOW, resolve=lambda _host, _port: ["127.0.0.1"], smtp=server)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for post.example and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post.example")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("post.example"), x509.IPAddress(ip_address("127.0.0.9"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path_factory.mktemp("certificate") / "post.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def sent(resources: Resources, *, address: str = ADDRESS) -> Outcome:
    return channels()["email"].send(notice(address), resources)


def over_tls(resources: Resources, office: PostOffice, certificate: Path, **words: object) -> Resources:
    """The same means with encryption on both sides; the server's certificate is trusted."""
    office.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    office.tls.load_cert_chain(certificate)
    assert resources.smtp is not None
    return replace(
        resources,
        smtp=replace(resources.smtp, **{"starttls": True, **words}),  # type: ignore[arg-type]
        tls=lambda: ssl.create_default_context(cafile=str(certificate)),
    )


def test_the_message_says_ids_and_numbers_in_both_languages(office: PostOffice, resources: Resources) -> None:
    assert sent(resources) == Accepted(provider_id="4Xyz0Q1abc")

    (mail,) = office.mails
    told = notice(ADDRESS)
    assert (mail.sender, mail.recipient) == ("care@ledger.example", ADDRESS)
    assert dict(mail.message.items()) == {
        "From": "CareLedger <care@ledger.example>",
        "To": ADDRESS,
        "Subject": "CareLedger: 45 天未联系 / 45 days silent (严重 / high)",
        "Date": "Wed, 15 Apr 2026 09:30:00 +0800",
        "Message-ID": f"<{told.message_id}@ledger.example>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
    }
    text = mail.message.get_content()
    for said in (
        "已连续 45 天",
        "for 45 days",
        str(told.items[0].alert_id),
        str(told.items[0].child_id),
        case_no_of(told.items[0].child_id),
        "2026-04-15T08:00+08:00",
    ):
        assert said in text
    assert str(told.recipient_id) not in text
    assert max(map(len, mail.raw.splitlines())) <= 998


def test_a_digest_says_how_many_and_how_grave_and_lists_by_step_and_organisation(
    office: PostOffice, resources: Resources
) -> None:
    digest = replace(
        notice(ADDRESS),
        message_id=an_id("message"),
        items=(
            an_item(1, org="a"),
            an_item(2, org="a"),
            an_item(3, org="b"),
            an_item(4, step="info", org="a"),
        ),
    )

    assert isinstance(channels()["email"].send(digest, resources), Accepted)

    (mail,) = office.mails
    assert (
        mail.message["Subject"] == "CareLedger: 4 条失联预警 / 4 silence alerts (最高 / worst: 严重 / high)"
    )
    assert mail.message["Message-ID"] == f"<{an_id('message')}@ledger.example>"
    lines = mail.message.get_content().splitlines()
    found = {
        n: next(i for i, line in enumerate(lines) if str(an_id(f"alert {n}")) in line) for n in range(1, 5)
    }
    high, info = lines.index("严重 / high: 3"), lines.index("提示 / info: 1")
    assert high < found[1] < found[2] < found[3] < info < found[4]
    assert (found[2] - found[1], lines[found[3] - 1]) == (1, "")
    assert max(map(len, mail.raw.splitlines())) <= 998


def test_the_longest_address_arrives_as_it_is(office: PostOffice, resources: Resources) -> None:
    address = f"{'h' * 64}@{'s' * 60}.{'s' * 60}.{'s' * 60}.example"[:254]

    assert isinstance(sent(resources, address=address), Accepted)
    assert office.mails[0].recipient == address
    assert office.mails[0].message["To"] == address


def test_a_server_that_names_no_queue_is_quoted_by_its_code_alone(
    office: PostOffice, resources: Resources
) -> None:
    office.replies["END"] = "250 queued as <script>"

    assert sent(resources) == Accepted(provider_id="smtp_250")


def test_a_refused_recipient_is_said_to_be_that(office: PostOffice, resources: Resources) -> None:
    office.replies["RCPT"] = "550 5.1.1 no such user"

    assert sent(resources) == Permanent(reason="recipient_550")


@pytest.mark.parametrize("at_once", [False, True])
def test_the_password_goes_over_tls_only(
    *, at_once: bool, office: PostOffice, resources: Resources, certificate: Path
) -> None:
    office.password = PASSWORD
    office.tls_at_once = at_once
    secured = over_tls(
        resources, office, certificate, tls=at_once, starttls=not at_once, user="care", password=PASSWORD
    )

    assert isinstance(sent(secured), Accepted)
    assert [line.partition(" ")[0].upper() for line in office.heard] == [
        *(["EHLO"] if at_once else ["EHLO", "STARTTLS", "EHLO"]),
        *["AUTH", "MAIL", "RCPT", "DATA", "QUIT"],
    ]


def test_a_wrong_password_is_refused_for_good(
    office: PostOffice, resources: Resources, certificate: Path
) -> None:
    office.password = PASSWORD

    outcome = sent(over_tls(resources, office, certificate, user="care", password="another"))

    assert outcome == Permanent(reason="login_535")


def test_a_server_without_starttls_or_login_gets_neither_password_nor_mail(
    office: PostOffice, resources: Resources, certificate: Path
) -> None:
    secured = over_tls(resources, office, certificate, user="care", password=PASSWORD)

    assert sent(secured) == Retryable(reason="no_login")
    office.tls = None
    assert sent(secured) == Retryable(reason="no_starttls")
    assert {line.split()[0].upper() for line in office.heard} == {"EHLO", "STARTTLS"}


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("fault", ["untrusted", "another name"])
def test_a_certificate_that_does_not_hold_ends_it(
    *, at_once: bool, fault: str, office: PostOffice, resources: Resources, certificate: Path
) -> None:
    office.tls_at_once = at_once
    secured = over_tls(resources, office, certificate, tls=at_once, starttls=not at_once)
    assert secured.smtp is not None
    faulty = (
        replace(secured, tls=ssl.create_default_context)
        if fault == "untrusted"
        else replace(secured, smtp=replace(secured.smtp, host="other.example"))
    )

    assert sent(faulty) == Retryable(reason="tls_failed")
    assert office.mails == []


def test_a_server_that_takes_its_time_at_every_step_is_given_up(
    office: PostOffice, resources: Resources
) -> None:
    assert resources.smtp is not None
    office.manners = dict.fromkeys(["CONNECT", "EHLO", "MAIL", "RCPT"], "slow")
    hasty = replace(resources, smtp=replace(resources.smtp, timeout_seconds=2.5 * SLOW_SECONDS))

    assert sent(hasty) == Retryable(reason="timeout")
    assert office.mails == []


def test_the_next_address_of_the_server_is_tried(office: PostOffice, resources: Resources) -> None:
    assert isinstance(sent(replace(resources, resolve=lambda _h, _p: ["127.0.0.2", "127.0.0.1"])), Accepted)
    assert len(office.mails) == 1


def test_no_name_and_no_password_leaves_the_house(
    tmp_path: Path, office: PostOffice, certificate: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    office.password = PASSWORD
    with World(tmp_path) as world:
        server = Smtp(host="post.example", port=office.port, sender="care@ledger.example", starttls=True)
        here = replace(world.watch.sender.resources, smtp=server, resolve=lambda _host, _port: ["127.0.0.1"])
        secured = over_tls(here, office, certificate, user="care", password=PASSWORD)
        object.__setattr__(world.watch.sender, "resources", secured)
        world.recipient("Canary-Head", channel="email", address=ADDRESS, catch_all=True)
        child = world.enrol("Canary-Number", on="2026-03-01", name="Canary-Child")
        office.replies["RCPT"] = f"451 later, {ADDRESS}"
        world.advance_to("2026-03-15 08:00")
        del office.replies["RCPT"]
        world.advance_to("2026-03-15 09:00")

        (alert,) = world.alerts(child)
        (mail,) = office.mails
        assert str(alert.alert_id) in mail.message.get_content()
        everything = mail.raw.decode() + mail.message.get_content() + str(mail.message) + repr(secured.smtp)
        assert "canary" not in everything.lower()
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "canary" not in logged.lower()
    assert ADDRESS not in logged


def test_without_a_mail_server_somebody_else_is_told(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.recipient("Head teacher", channel="email", address=ADDRESS)
        other = world.recipient("Town", from_step="critical", catch_all=True)
        world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 09:00")

        assert [item.step for item in world.inbox(other)] == ["info"]


def settings(url: str, *, sender: str = "care@ledger.example") -> Settings:
    return read_settings({"CARELEDGER_SMTP_URL": url, "CARELEDGER_SMTP_FROM": sender})


def test_settings_name_the_server_and_hide_the_password() -> None:
    read = settings("smtp://care:p%40ss@post.example:2525?starttls=1")

    assert read.smtp == Smtp(
        host="post.example",
        port=2525,
        sender="care@ledger.example",
        starttls=True,
        user="care",
        password="p@ss",
    )
    assert "p@ss" not in repr(read)
    assert read_settings({}).smtp is None


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://post.example", 25), ("smtp://post.example?starttls=1", 587), ("smtps://post.example", 465)],
)
def test_the_port_follows_from_the_manner(url: str, port: int) -> None:
    smtp = settings(url).smtp

    assert smtp is not None
    assert smtp.port == port


@pytest.mark.parametrize(
    "url",
    [
        "smtp://care:canary@post.example",
        "smtp://care:canary@post.example?starttls=0",
        "smtps://care:canary@post.example?starttls=1",
        "smtps://care:canary@post.example:port",
        "smtps://care:canary@",
        "smtps://care:canary@post.example/inbox",
        "smtps://care:canary@post.example?timeout=5",
        "smtps://care:canary%0A@post.example",
        "smtps://care:canary%E4%B8%AD@post.example",
        "https://care:canary@post.example",
        "canary",
    ],
)
def test_a_url_that_cannot_be_used_is_named_and_not_repeated(url: str) -> None:
    with pytest.raises(BadSetting, match="CARELEDGER_SMTP_URL") as refused:
        settings(url)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("sender", ["", "CareLedger <care@ledger.example>", "care"])
def test_a_sender_is_needed(sender: str) -> None:
    with pytest.raises(BadSetting, match="CARELEDGER_SMTP_FROM"):
        settings("smtps://post.example", sender=sender)
