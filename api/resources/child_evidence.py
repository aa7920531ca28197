"""The files that entries of a child name as their evidence."""

from api.evidence import declare_evidence
from api.resources.children import RESOURCE
from domain.streams.children.kind import KIND

declare_evidence(RESOURCE, KIND, segment="child_id")
