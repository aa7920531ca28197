"""How late entries are written down, by school: how many, how often, how long after."""

from dataclasses import dataclass

from domain.org import school_of
from domain.refusal import Text
from domain.rules.clocks import clocks
from projections import timeline
from projections.runner import lag_of
from reports import filters
from reports.columns import open_, org, percent
from reports.reasons import BEHIND
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic


@dataclass(slots=True, kw_only=True)
class Late:
    """The entries of a school, those that were written down late, and by how many days."""

    org: str
    entries: int = 0
    late: int = 0
    days: int = 0
    most: int = 0

    @property
    def average(self) -> float | None:
        """By how many days late ones are late, on the average."""
        return round(self.days / self.late, 1) if self.late else None


_FIGURES = (
    open_("entries", "登记条数", "Entries", lambda x: x.entries),
    open_("late", "迟登（超过5天）", "Late (more than 5 days)", lambda x: x.late),
    percent("percent", "迟登率", "Late", lambda x: (x.late, x.entries)),
    open_("average_days", "迟登平均天数", "Days late, on the average", lambda x: x.average),
    open_("most_days", "最迟（天）", "Most days late", lambda x: x.most or None),
)
WHOLE: Table[Late] = Table(name="whole", title=Text(zh="合计", en="In all"), columns=(org(), *_FIGURES))
SCHOOLS: Table[Late] = Table(title=Text(zh="各校", en="By school"), columns=(org(), *_FIGURES))


def read(asked: Asked) -> Found:
    """Count entries by the school where they were recorded, and by how much they came late."""
    system = asked.system
    lag = lag_of(system.database, system.log, "timeline")
    schools: dict[str, Late] = {}
    whole = Late(org=asked.org)
    counted = timeline.lateness(system.database, org=asked.org, first=asked.day("from"), last=asked.day("to"))
    for path, entries, late, days, most in counted:
        for sums in (schools.setdefault(school_of(path), Late(org=school_of(path))), whole):
            sums.entries += entries
            sums.late += late
            sums.days += days
            sums.most = max(sums.most, most)
    rows = [schools[path] for path in sorted(schools)]
    return Found(
        tables=(WHOLE.filled([whole] if rows else []), SCHOOLS.filled(rows)),
        population=ENROLLED,
        clocks=clocks(now=system.now()),
        notes=(BEHIND,) if lag else () if rows else None,
    )


REPORT = Report(
    name="lateness",
    title=Text(zh="登记及时性", en="How late entries are"),
    text=Text(
        zh="各校记录迟登的条数、比率与天数",
        en="How many entries of each school were written down late, and by how much.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(WHOLE, SCHOOLS),
    read=read,
    topic=Topic.ENTRIES,
    order=131,
)
