"""What the resources work with, put together once a process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import falcon

from api.bodies import body_of
from api.metrics import Metrics
from application.reports import Reports
from application.system import System

Inbox = Callable[[UUID, int], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The system, the read models that are asked, and the counts. `inbox` lists what a recipient was told."""

    system: System
    reports: Reports
    inbox: Inbox
    metrics: Metrics

    def body(self, req: falcon.Request) -> dict[str, Any]:
        """Read the JSON object that a request carries. Raises a `Refused`."""
        return body_of(req, most=self.system.settings.max_body_bytes)
