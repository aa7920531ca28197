"""Settings: the one place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadSetting(Exception):
    """An environment variable has a value that can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read once at start.

    Without any, everything lies in SQLite files under `data_dir`. `redis_url` None is the embedded
    broker. `rules_dir` holds an organisation's own rule files beside the presets. `metrics_dir` is where
    several web processes keep their counts together. Times are in seconds.
    """

    data_dir: Path
    database_url: str
    keys_url: str
    redis_url: str | None = None
    rules_dir: Path | None = None
    port: int = 8080
    host: str = "127.0.0.1"
    web_workers: int = 2
    web_threads: int = 4
    pool_size: int = 8
    max_body_bytes: int = 1_048_576
    webhook_allow_private: bool = False
    webhook_timeout_seconds: float = 15.0
    language: str = "en"
    metrics_dir: Path | None = None


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
        redis_url=environ.get("CARELEDGER_REDIS_URL") or None,
        rules_dir=Path(rules_dir).resolve() if rules_dir else None,
        port=_whole(environ, "PORT", 8080, most=65_535),
        host=environ.get("CARELEDGER_HOST") or "127.0.0.1",
        web_workers=_whole(environ, "CARELEDGER_WEB_WORKERS", 2, most=64),
        web_threads=_whole(environ, "CARELEDGER_WEB_THREADS", 4, most=64),
        pool_size=_whole(environ, "CARELEDGER_POOL_SIZE", 8, most=100),
        webhook_allow_private=environ.get("CARELEDGER_WEBHOOK_ALLOW_PRIVATE") == "1",
        metrics_dir=Path(metrics_dir) if metrics_dir else None,
        language=_language(environ),
    )


def _database_url(environ: Mapping[str, str], name: str, default: Path) -> str:
    url = environ.get(name) or f"sqlite:///{default}"
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise BadSetting(f"{name} must be sqlite:///path or postgresql://…")
    return url


def _language(environ: Mapping[str, str]) -> str:
    locale = next((environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(n)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def _whole(environ: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise BadSetting(f"{name} must be a whole number from 1 to {most}")
    return int(text)
