"""What only versions after 0.1 know: organisations that have everybody watched, and keys that change."""

from tests.upgrade.people import A2, B1, EMPTY, C
from tests.upgrade.teller import OPERATOR, Teller


def extended(tell: Teller) -> None:
    """Have everybody watched where children at home will be silent, and where there is no child."""
    for by, org in (("a_manager", A2), ("b_manager", B1), ("office", C), ("office", EMPTY)):
        _watch(tell, by, org, everybody=True)


def restored(tell: Teller) -> None:
    """Let go of a class and a school again; alerts of children at home are open in both."""
    for by, org in (("b_manager", B1), ("office", C)):
        _watch(tell, by, org, everybody=False)


def key_changed(tell: Teller) -> None:
    """Let a key live longer than it was issued for."""
    tell.system.api_keys.change(tell.holders["c_school"].key_id, actor=OPERATOR, days=300)


def _watch(tell: Teller, by: str, org: str, *, everybody: bool) -> None:
    # Not to be sent again: what it says begins on the day on which it is said.
    body = {"org": org, "everybody": everybody, "reason": "汛期"}
    tell.send(by, "PUT", "/v1/watch", body, status=200, keep=False)


CHAPTERS = (
    ("05-19 18:30", extended),
    ("06-12 18:30", key_changed),
    ("06-25 18:30", restored),
)
