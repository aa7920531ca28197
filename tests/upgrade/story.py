"""Four months of three counties, day by day: what every store for the upgrade tests holds.

It begins on 20 February 2026 and ends on 30 June at noon, in two lives of the program: the second has an
outside monitor, and dies over its last notice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from projections.outbox import dead_letters
from tests.support.world import World, moment
from tests.upgrade import alerts, days, files, flows, further, widened
from tests.upgrade.kids import KIDS, LEAVES, enrolment, parents, reached, story_days
from tests.upgrade.later import FIRST, SECOND
from tests.upgrade.people import A, B, set_up
from tests.upgrade.teller import Teller

BEGINS, SECOND_LIFE, LAST_WORDS, ENDS = (
    "2026-02-20 09:00",
    "2026-06-27 21:00",
    "2026-06-30 11:58",
    "2026-06-30 12:00",
)
PING, A_DAY = "https://monitor.example/ping", 86_400
Chapter = tuple[str, Callable[[Teller], None]]


class Died(BaseException):
    """A worker is gone in the middle of its work."""


class Fate:
    """Lets a process die at a point, once."""

    def __init__(self) -> None:
        self.point = ""

    def __call__(self, point: str) -> None:
        if point == self.point:
            self.point = ""
            raise Died


def told(folder: Path, *, version: str, database_url: str, keys_url: str, papers: Path) -> Teller:
    """Tell it all to an empty ledger of a version, let go of that, and give what was sent and to whom."""
    with _life(folder, database_url, keys_url, start=BEGINS, seed=1, papers=papers) as world:
        first = Teller(world, version=version)
        set_up(first)
        _chapters(first, papers=papers, until=SECOND_LIFE)
        first.at(SECOND_LIFE[5:])
    fate = Fate()
    with _life(folder, database_url, keys_url, start=SECOND_LIFE, seed=2, papers=papers, at=fate) as world:
        second = Teller(world, version=version, before=first)
        _bury(second)
        second.at(LAST_WORDS[5:])
        _die(second, fate)
    return second


@contextmanager
def _life(
    folder: Path,
    database_url: str,
    keys_url: str,
    *,
    start: str,
    seed: int,
    papers: Path,
    at: Callable[[str], None] | None = None,
) -> Iterator[World]:
    urls = {"database_url": database_url, "keys_url": keys_url}
    more = {} if at is None else {"at": at, "ping_url": PING, "ping_seconds": A_DAY}
    with World(folder, start=start, seed=seed, **urls, **more) as world:
        alerts.outside(world)
        yield world


def _chapters(tell: Teller, *, papers: Path, until: str) -> None:
    chapters: list[Chapter] = [(f"{day} 18:00", partial(_day, day=day)) for day in story_days()]
    for told in (days.CHAPTERS, alerts.CHAPTERS, files.CHAPTERS, flows.CHAPTERS):
        chapters += told
    if tell.version != FIRST:
        chapters += widened.CHAPTERS
    if tell.version not in (FIRST, SECOND):
        chapters += further.CHAPTERS
    chapters += [(at, partial(chapter, folder=papers)) for at, chapter in flows.PAPER_CHAPTERS]
    for at, chapter in sorted(chapters, key=lambda c: c[0]):
        assert f"2026-{at}" < until
        tell.at(at)
        chapter(tell)


def _day(tell: Teller, day: str) -> None:
    """Let schools send whom they enrolled and reached on a day: as lines, as a batch, or by the office."""
    said: dict[str, list[object]] = {"a_school": [], "b_school": [], "office": []}
    for slug, kid in KIDS.items():
        by = _sender(slug)
        if kid.enrolled == day:
            said[by] += [enrolment(tell, slug), *parents(tell, slug)]
    for slug in KIDS:
        if slug in tell.children:
            said[_sender(slug)] += reached(tell, slug, day)
    for by, items in said.items():
        if items and by == "a_school":
            path = tell.lines(f"day {day}", items, by=by).json["next"]
            lines = tell.as_(by).get(path, limit=500).json["items"]
            assert {line["status"] for line in lines} == {201}, (
                day,
                [x for x in lines if x["status"] != 201],
            )
        elif items:
            done = tell.batch(f"{by} {day}", items, by=by).json["items"]
            assert {item["status"] for item in done} == {201}, (day, [i for i in done if i["status"] != 201])


def _sender(slug: str) -> str:
    org = KIDS[slug].org
    if slug in LEAVES or not org.startswith((f"{A}/", f"{B}/")):
        return "office"
    return "a_school" if org.startswith(A) else "b_school"


def _bury(tell: Teller) -> None:
    """Leave two dead letters, one of them dismissed: a follower could once not work these off."""
    database, now = tell.system.database, tell.system.now()
    for slug in ("one_away", "b_away"):
        event = tell.system.log.stream(tell.children[slug])[0]
        assert event.position is not None
        with database.transaction() as tx:
            dead_letters.bury(
                tx,
                follower="timeline",
                key=event.position,
                position=event.position,
                stream_id=event.originator_id,
                event_id=event.event_id,
                reason="Tampered",
                now=now,
            )
            if slug == "b_away":
                letter = dead_letters.name_of("timeline", event.position)
                dead_letters.dismiss(tx, letter, by="值班操作员", reason="known", now=now)


def _die(tell: Teller, fate: Fate) -> None:
    """Ring once more, and die in the middle of telling; another process takes the place of the dead one."""
    alerts.reopened_last(tell)
    fate.point = "deliver.claimed"
    try:
        tell.world.settle()
    except Died:
        tell.world.restart()
        tell.world.settle()
    else:
        raise AssertionError("nobody died")
    tell.world.asleep_until(moment(ENDS))
