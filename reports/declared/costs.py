"""What the care of children cost, by who paid: taking them to a doctor, aid that was paid out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.child import Child
from domain.choices import Payer
from domain.ledger.fact import Fact
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import case_no, money, named, open_, org
from reports.filters import between
from reports.report import ENROLLED, Asked, Evidence, Found, Report, Table, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Something that cost money for a child."""

    child: Child
    fact: Fact
    payer: Payer | None
    fen: int
    repaid: bool | None

    @property
    def day(self) -> date:
        """The day of it."""
        return self.fact.day

    @property
    def owed_fen(self) -> int:
        """What a carer laid out and nobody has given back."""
        return self.fen if self.payer is Payer.CARER and not self.repaid else 0


@dataclass(slots=True, kw_only=True)
class Paid:
    """What one payer paid, and what of it is still to be given back."""

    payer: Payer | None
    times: int = 0
    fen: int = 0
    owed_fen: int = 0


PAYERS: Table[Paid] = Table(
    name="payers",
    title=Text(zh="按支付方", en="By who paid"),
    columns=(
        open_("payer", "支付方", "Paid by", lambda x: x.payer or Text(zh="不详", en="not said")),
        open_("times", "次数", "Times", lambda x: x.times),
        money("amount", "金额", "Amount", lambda x: x.fen),
        money("owed", "垫付未还", "Laid out, not given back", lambda x: x.owed_fen),
    ),
)
COSTS: Table[Cost] = Table(
    title=Text(zh="明细", en="Each of them"),
    columns=(
        open_("day", "日期", "Day", lambda x: x.day),
        case_no(lambda x: x.child.child_id),
        named(lambda x: x.child.profile.name if x.child.profile else None),
        open_("what", "事项", "What", lambda x: x.fact.event_type.label),
        open_("payer", "支付方", "Paid by", lambda x: x.payer),
        money("amount", "金额", "Amount", lambda x: x.fen),
        open_("repaid", "已报销", "Given back", lambda x: x.repaid),
        org(lambda x: x.child.org),
        open_(
            "event_id",
            "记录",
            "Entry",
            lambda x: Evidence(child_id=x.child.child_id, event_id=x.fact.event_id),
        ),
    ),
    child=lambda row: row.child.child_id,
)


def read(asked: Asked) -> Found:
    """List what was paid for children in the days asked about, by day; and sum it up by who paid."""
    at = clocks(now=asked.system.now())
    found = [cost for child in asked.reports.files(asked.org, at) for cost in _costs(child)]
    rows = sorted((x for x in found if between(asked, x.day)), key=lambda x: (x.day, x.fact.event_id))
    sums: dict[str, Paid] = {}
    for each in rows:
        row = sums.setdefault(each.payer.value if each.payer else "", Paid(payer=each.payer))
        row.times += 1
        row.fen += each.fen
        row.owed_fen += each.owed_fen
    payers = [sums[name] for name in sorted(sums)]
    return Found(tables=(PAYERS.filled(payers), COSTS.filled(rows)), population=ENROLLED, clocks=at, notes=())


def _costs(child: Child) -> Iterator[Cost]:
    for fact, said in child.of("illness_escorted"):
        if said.cost_fen:
            yield Cost(child=child, fact=fact, payer=said.paid_by, fen=said.cost_fen, repaid=said.repaid)
    for fact, said in child.of("subsidy_paid"):
        yield Cost(child=child, fact=fact, payer=Payer.GOVERNMENT, fen=said.amount_fen, repaid=None)


REPORT = Report(
    name="costs",
    title=Text(zh="费用（按支付方）", en="Costs by who paid"),
    text=Text(
        zh="陪同就医、资助等费用由谁支付，教师垫付了多少尚未报销",
        en="What care cost, who paid, and what teachers laid out and were not given back.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(PAYERS, COSTS),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=153,
)
