"""Writes the golden bytes of types that have none yet: `python -m tests.support.golden`.

What is in the file already is never written again: it is what stores out there hold.
"""

import json
from pathlib import Path

from application.eventstore.mapper import EventMapper
from domain.catalogue import event_types
from tests.support.samples import FORMS, sample_event

GOLDEN = Path(__file__).parents[1] / "golden" / "events-v1.json"
KEY = bytes(range(32))


def main() -> None:
    """Add what is missing."""
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    mapper = EventMapper(nonce=lambda: bytes(12))
    for type_ in (*event_types(), *(form for form in FORMS if ":" in form)):
        if type_ not in golden:
            golden[type_] = mapper.to_stored_event(sample_event(type_), key=KEY).state.hex()
    GOLDEN.write_text(json.dumps(dict(sorted(golden.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()
