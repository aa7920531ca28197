"""Children's homes: who looks after them, how often they were open, what they have and lend."""

from dataclasses import dataclass

from application.access import Action
from domain.org import county_of
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.homes.home import Home
from domain.streams.homes.kind import KIND
from domain.streams.homes.session_held import HomeSessionHeld
from domain.streams.homes.stock import HomeStocked
from reports import filters
from reports.columns import money, open_, org, personal
from reports.filters import between
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A home with its sessions in the days asked about, and the name of who looks after it."""

    org: str
    home: Home
    sessions: tuple[HomeSessionHeld, ...]
    manager: str

    @property
    def name(self) -> str | None:
        """What the home is called."""
        return self.home.opened.name if self.home.opened else None

    @property
    def there(self) -> tuple[str, ...]:
        """What it has to lend, with how many of each are there."""
        return tuple(f"{item} {number}" for item, number in self.home.there.items())

    @property
    def lent(self) -> tuple[str, ...]:
        """What is out."""
        back = set(self.home.returned)
        return tuple(item for loan, item in self.home.loans.items() if loan not in back)

    @property
    def value_fen(self) -> int:
        """What came in was worth, as far as somebody said so."""
        return sum(said.value_fen or 0 for _, said in self.home.of(HomeStocked))


HOMES: Table[Kept] = Table(
    columns=(
        open_("home", "名称", "Name", lambda x: x.name),
        personal("manager", "负责人", "Manager", lambda x: x.manager),
        open_("sessions", "开放次数", "Sessions", lambda x: len(x.sessions)),
        open_(
            "with_two",
            "两人值守（次）",
            "With two on duty",
            lambda x: sum(len(each.carers) >= 2 for each in x.sessions),
        ),
        open_("heads", "到场人次", "Heads", lambda x: sum(each.heads or 0 for each in x.sessions)),
        open_("hours", "开放时间", "Hours", lambda x: x.home.opened and x.home.opened.hours),
        open_("there", "在库物品", "There to lend", lambda x: x.there, lines=True),
        open_("lent", "借出物品", "Lent", lambda x: x.lent, lines=True),
        money("value", "物品价值", "Value of what came in", lambda x: x.value_fen),
        open_("closed", "已停用", "Closed", lambda x: x.home.closed),
        org(),
        open_("home_id", "之家编号", "Home id", lambda x: x.home.stream_id),
    ),
)


def read(asked: Asked) -> Found:
    """List the homes of an organisation, with what happened there in the days asked about."""
    found = list(streams_of(asked, KIND))
    managers = [home.manager for _, home in found if home.manager is not None]
    names = asked.system.carers.names(managers, counties={county_of(where) for where, _ in found})
    rows = [
        Kept(
            org=where,
            home=home,
            sessions=tuple(said for fact, said in home.of(HomeSessionHeld) if between(asked, fact.day)),
            manager=names.get(home.manager, "") if home.manager else "",
        )
        for where, home in found
    ]
    rows.sort(key=lambda x: (x.org, x.name or "", x.home.stream_id))
    return Found(
        tables=(HOMES.filled(rows),), population=ENROLLED, clocks=clocks(now=asked.system.now()), notes=()
    )


REPORT = Report(
    name="homes",
    title=Text(zh="留守儿童之家", en="Children's homes"),
    text=Text(
        zh="各留守儿童之家的值守、开放与物品",
        en="Homes: who looks after them, when they were open, what they have.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(HOMES,),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=152,
)
