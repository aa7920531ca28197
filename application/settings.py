"""Settings: the one place that reads the environment."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

# ASCII, no quoted parts and no encoded words: what passes can end no header and no SMTP command.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=^_{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_LONGEST_MAIL_ADDRESS = 254
# RFC 6454: as a browser sends it, without a path.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")
LOG_LEVELS = ("debug", "info", "warning", "error")


class BadSetting(Exception):
    """An environment variable has a value that can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The server that takes our mail, and whom the mail is from.

    With `tls` all of it is encrypted, with `starttls` all but the greeting. A session that takes longer than
    `timeout_seconds` is given up.
    """

    host: str
    port: int
    sender: str
    tls: bool = False
    starttls: bool = False
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read once at start.

    `owner_database_url` and `owner_keys_url` name the same databases for whoever makes and changes tables;
    None where the service does so itself.

    Without any, everything lies in SQLite files under `data_dir`. `redis_url` None is the embedded broker,
    `smtp` None is no mail. `rules_dir` holds an organisation's own rule files beside the presets.
    `metrics_dir` is where several web processes keep their counts together. `requests_per_minute` is what
    one key may send to one web process, 0 for no limit. `ping_url` is the outside monitor that hears of the
    watch every `ping_seconds`; `unwatched` lets the watch start where nobody would hear of it. `open_pages`
    is the organisation whose pages this machine may read without a key. `log_level` is the least that the API
    and the watch log. Pages of `cors_origins` may ask from a browser. Times are in seconds.
    """

    data_dir: Path
    database_url: str
    keys_url: str
    owner_database_url: str | None = field(default=None, repr=False)
    owner_keys_url: str | None = field(default=None, repr=False)
    redis_url: str | None = None
    rules_dir: Path | None = None
    port: int = 8080
    host: str = "127.0.0.1"
    web_workers: int = 2
    web_threads: int = 4
    pool_size: int = 8
    max_body_bytes: int = 1_048_576
    requests_per_minute: int = 6000
    webhook_allow_private: bool = False
    webhook_timeout_seconds: float = 15.0
    smtp: Smtp | None = None
    # Who knows the address can say that all is well.
    ping_url: str | None = field(default=None, repr=False)
    ping_seconds: int = 300
    unwatched: bool = False
    open_pages: str | None = None
    language: str = "en"
    log_level: str = "info"
    metrics_dir: Path | None = None
    cors_origins: tuple[str, ...] = ()

    @property
    def own_words(self) -> Path:
        """The file of the office's own words of papers, whether it is there or not."""
        return self.data_dir / "words.toml"

    @property
    def evidence_dir(self) -> Path:
        """The directory of the files that entries name as their evidence."""
        return self.data_dir / "evidence"

    def as_owner(self) -> "Settings":
        """Return the same for whoever makes and changes tables."""
        return replace(
            self,
            database_url=self.owner_database_url or self.database_url,
            keys_url=self.owner_keys_url or self.keys_url,
        )


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment. Raises BadSetting with the name of the variable."""
    data_dir = Path(environ.get("CARELEDGER_DATA_DIR") or "var").resolve()
    rules_dir = environ.get("CARELEDGER_RULES_DIR")
    # The name is that of the Prometheus client, which reads it as well.
    metrics_dir = environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(environ, "CARELEDGER_DATABASE_URL", data_dir / "careledger.db"),
        keys_url=_database_url(environ, "CARELEDGER_KEYS_URL", data_dir / "keys.db"),
        owner_database_url=_owner_url(environ, "CARELEDGER_OWNER_DATABASE_URL", "CARELEDGER_DATABASE_URL"),
        owner_keys_url=_owner_url(environ, "CARELEDGER_OWNER_KEYS_URL", "CARELEDGER_KEYS_URL"),
        redis_url=environ.get("CARELEDGER_REDIS_URL") or None,
        rules_dir=Path(rules_dir).resolve() if rules_dir else None,
        port=_whole(environ, "PORT", 8080, most=65_535),
        host=environ.get("CARELEDGER_HOST") or "127.0.0.1",
        web_workers=_whole(environ, "CARELEDGER_WEB_WORKERS", 2, most=64),
        web_threads=_whole(environ, "CARELEDGER_WEB_THREADS", 4, most=64),
        pool_size=_whole(environ, "CARELEDGER_POOL_SIZE", 8, most=100),
        requests_per_minute=_whole(environ, "CARELEDGER_REQUESTS_PER_MINUTE", 6000, least=0, most=1_000_000),
        webhook_allow_private=environ.get("CARELEDGER_WEBHOOK_ALLOW_PRIVATE") == "1",
        smtp=_smtp(environ),
        ping_url=_ping_url(environ),
        ping_seconds=_whole(environ, "CARELEDGER_PING_SECONDS", 300, most=86_400),
        unwatched=environ.get("CARELEDGER_UNWATCHED") == "1",
        open_pages=environ.get("CARELEDGER_OPEN_PAGES") or None,
        metrics_dir=Path(metrics_dir) if metrics_dir else None,
        language=locale_language(environ),
        log_level=_one_of(environ, "CARELEDGER_LOG_LEVEL", LOG_LEVELS, default="info"),
        cors_origins=_origins(environ, "CARELEDGER_CORS_ORIGINS"),
    )


def locale_language(environ: Mapping[str, str] = os.environ) -> str:
    """Return the language of the terminal's locale: `zh` where it is Chinese, `en` otherwise."""
    locale = next((environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(n)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def is_mail_address(text: str | None) -> bool:
    """Return whether this is one plain e-mail address that can be put into a header and an SMTP command."""
    return bool(text and len(text) <= _LONGEST_MAIL_ADDRESS and _MAIL_ADDRESS.fullmatch(text))


def _smtp(environ: Mapping[str, str]) -> Smtp | None:
    """Read smtp://user:password@host:587?starttls=1 or smtps://…; no complaint repeats any of it."""
    name = "CARELEDGER_SMTP_URL"
    text = environ.get(name)
    if not text:
        return None
    sender = environ.get("CARELEDGER_SMTP_FROM") or ""
    if not is_mail_address(sender):
        raise BadSetting(f"CARELEDGER_SMTP_FROM must be an e-mail address where {name} is given")
    try:
        url = urlsplit(text)
        asked = dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
        port, host = url.port, url.hostname
    except ValueError:
        raise BadSetting(f"{name} is not a URL") from None
    tls, starttls = url.scheme == "smtps", asked.pop("starttls", "0") == "1"
    if url.scheme not in {"smtp", "smtps"} or not host or url.path.strip("/") or url.fragment or asked:
        raise BadSetting(f"{name} must be smtp://host:port?starttls=1 or smtps://host:port")
    if tls and starttls:
        raise BadSetting(f"{name}: smtps:// needs no starttls")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if user and not (tls or starttls):
        raise BadSetting(f"{name}: a password is sent over TLS only: smtps://…, or starttls=1")
    if not (user + password).isascii() or not (user + password + host).isprintable():
        raise BadSetting(f"{name}: user and password must be printable ASCII")
    return Smtp(
        host=host,
        port=port or (465 if tls else 587 if starttls else 25),
        sender=sender,
        tls=tls,
        starttls=starttls,
        user=user or None,
        password=password,
    )


def _ping_url(environ: Mapping[str, str]) -> str | None:
    """Read the address of the outside monitor; no complaint repeats any of it."""
    name = "CARELEDGER_PING_URL"
    text = environ.get(name)
    if not text:
        return None
    schemes = {"https", "http"} if environ.get("CARELEDGER_WEBHOOK_ALLOW_PRIVATE") == "1" else {"https"}
    try:
        url = urlsplit(text)
        usable = url.scheme in schemes and url.hostname and url.port != 0 and url.username is None
    except ValueError:
        usable = False
    if not usable or not text.isascii() or not text.isprintable() or " " in text:
        raise BadSetting(f"{name} must be https://… without user and password")
    return text


def _database_url(environ: Mapping[str, str], name: str, default: Path) -> str:
    url = environ.get(name) or f"sqlite:///{default}"
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise BadSetting(f"{name} must be sqlite:///path or postgresql://…")
    return url


def _owner_url(environ: Mapping[str, str], name: str, service: str) -> str | None:
    """Read the URL of the owner of a PostgreSQL database; a file has no roles."""
    url = environ.get(name)
    if not url:
        return None
    schemes = ("postgresql://", "postgres://")
    if not url.startswith(schemes) or not (environ.get(service) or "").startswith(schemes):
        raise BadSetting(f"{name} must be postgresql://…, and so must {service}")
    return url


def _one_of(environ: Mapping[str, str], name: str, words: Sequence[str], *, default: str) -> str:
    word = (environ.get(name) or default).lower()
    if word not in words:
        raise BadSetting(f"{name} must be one of {', '.join(words)}")
    return word


def _origins(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in (environ.get(name) or "").split(",") if part.strip())
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
        raise BadSetting(f"{name} must list origins such as https://school.example, or be *")
    return origins


def _whole(environ: Mapping[str, str], name: str, default: int, *, most: int, least: int = 1) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}")
    return int(text)
