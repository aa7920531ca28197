"""What the resources work with, put together once a process."""

from dataclasses import dataclass
from typing import Any

import falcon

from api.bodies import body_of
from api.concurrency import ConcurrencyLimit
from api.health import Readiness
from api.metrics import Metrics
from application.reports.reporting import Reports
from application.system import System
from domain.rules.rule_files import RulesByVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The system, the reports over many children, the counts, the places for what takes long, known rules."""

    system: System
    reports: Reports
    metrics: Metrics
    uploads: ConcurrencyLimit
    waiters: ConcurrencyLimit
    rules: RulesByVersion
    readiness: Readiness
    document: bytes

    def body(self, req: falcon.Request) -> dict[str, Any]:
        """Read the JSON object that a request carries. Raises a `Refused`."""
        return body_of(req, most=self.system.settings.max_body_bytes)
