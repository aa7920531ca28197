"""What only versions after 0.1 know: everybody watched, keys that change, and files without a number."""

from tests.upgrade.people import A1, A2, B1, EMPTY, C
from tests.upgrade.teller import OPERATOR, Teller, an_id, when


def extended(tell: Teller) -> None:
    """Have everybody watched where children at home will be silent, and where there is no child."""
    for by, org in (("a_manager", A2), ("b_manager", B1), ("office", C), ("office", EMPTY)):
        _watch(tell, by, org, everybody=True)


def followed(tell: Teller) -> None:
    """Read changes once: the secret that cursors rest on is made with the first of them."""
    tell.send("office", "GET", "/v1/changes?limit=1", keep=False)


def restored(tell: Teller) -> None:
    """Let go of a class and a school again; alerts of children at home are open in both."""
    for by, org in (("b_manager", B1), ("office", C)):
        _watch(tell, by, org, everybody=False)


def key_changed(tell: Teller) -> None:
    """Let a key live longer than it was issued for."""
    tell.system.api_keys.change(tell.holders["c_school"].key_id, actor=OPERATOR, days=300)


def unnumbered(tell: Teller) -> None:
    """Open two files without a student number; of the parents nobody says enough."""
    for slug, name in (("no_number", "孟小无"), ("number_later", "平小来")):
        words = {"name": name, "sex": "female", "birth_date": "2016-05-20"}
        tell.enrol(slug, "05-20", A1, by="a_school", **words)
    tell.event("no_number", "parent_work_recorded", "05-20", by="a_school", parent="father", name="孟大无")
    tell.event(
        "no_number",
        "parent_work_recorded",
        "05-20",
        by="a_school",
        mark="mother",
        parent="mother",
        away=False,
    )
    grandmother = {"name": "孟奶奶", "relation": "奶奶", "kind": "delegated"}
    tell.event("no_number", "guardian_designated", "05-20", by="a_school", **grandmother)
    tell.event("number_later", "parent_work_recorded", "05-20", by="a_school", parent="father", away=True)


def called(tell: Teller) -> None:
    """Write calls without a length, a number that has come, and an entry of a child not yet enrolled."""
    call = {"caller": "carer", "called": "mother", "outcome": "connected"}
    tell.event("no_number", "call_made", "06-15", by="a_school", **call)
    tell.event("number_later", "call_made", "06-15", by="a_school", **call)
    tell.event("number_later", "profile_changed", "06-15", by="a_school", student_no="S20269001")
    path = f"/v1/children/{an_id('child not_yet')}/events/{an_id('not_yet call_made')}"
    tell.send("a_school", "PUT", path, {"type": "call_made"} | when("06-15") | {"details": call}, status=202)


def _watch(tell: Teller, by: str, org: str, *, everybody: bool) -> None:
    # Not to be sent again: what it says begins on the day on which it is said.
    body = {"org": org, "everybody": everybody, "reason": "汛期"}
    tell.send(by, "PUT", "/v1/watch", body, status=200, keep=False)


CHAPTERS = (
    ("05-19 18:30", extended),
    ("05-20 19:00", unnumbered),
    ("05-20 20:00", followed),
    ("06-12 18:30", key_changed),
    ("06-15 19:00", called),
    ("06-25 18:30", restored),
)
