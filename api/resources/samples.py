"""The samples of inspections: children drawn at random, and the same drawn again by whoever doubts it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api import fields as f
from api.answer import Answer, EventId, Moment, Org, Version, shown
from api.operation import IF_STILL
from api.recording import StreamId
from api.resource import Answered, Call
from api.resources import streams
from api.schemas import Strict
from application.access import Action
from application.samples import LONGEST_SEED, Sample, Samples
from domain.streams.inspections.kind import KIND
from domain.streams.inspections.sample import MOST

(RESOURCE,) = (each for each in streams.RESOURCES if each.tag == KIND.plural)
ONE = f"/v1/{KIND.plural}/{{stream_id:uuid}}/samples/{{event_id:uuid}}"
# What every kind of stream refuses once it is closed, each by a code of its own.
CLOSED = "inspection_is_closed"


class SampleIn(Strict):
    """How many children are to be drawn, and of which day."""

    size = f.Whole(least=1, most=MOST, required=True, zh="样本数", en="Size")
    as_of = f.Day(zh="抽样基准日", en="As of", text="Today where it is not given.")
    seed = f.Text(
        longest=LONGEST_SEED,
        blank=False,
        zh="随机种子",
        en="Seed",
        text="Where it was cast before witnesses; without it the ledger draws one.",
    )


class InspectionSample(Answer):
    """A sample, with what is drawn again from its seed today."""

    stream_id: StreamId
    event_id: EventId
    version: Version
    state: Annotated[str, shown("结果", "State", "recorded, or already_recorded where nothing was new.")]
    drawn_of: Org
    as_of: Annotated[date, shown("抽样基准日", "As of", "The children in care on this day.")]
    as_known_at: Annotated[Moment, shown("截至所知", "As known at")]
    seed: Annotated[str, shown("随机种子", "Seed")]
    size: Annotated[int, shown("样本数", "Size", "How many were to be drawn.")]
    population: Annotated[int, shown("总体人数", "Population")]
    population_sha256: Annotated[
        str,
        shown("总体摘要", "Digest of the population", "SHA-256 of all their ids, one a line, in order."),
    ]
    children: Annotated[
        list[UUID],
        shown("抽中儿童", "Children drawn", "The first by SHA-256 of SEED:CHILD, in this order."),
    ]
    reproduced: Annotated[
        bool, shown("可重现", "Reproduced", "Whether the same are drawn of the same population today.")
    ]


@RESOURCE.operation(
    "PUT",
    ONE,
    zh="随机抽样",
    en="Draw a sample",
    request=SampleIn,
    answers={201: InspectionSample, 200: InspectionSample},
    action=Action.SUBMIT,
    uses=(Samples.draw,),
    codes=(CLOSED,),
    params=(IF_STILL,),
    tells_version=True,
    leads_to=("get_inspection",),
)
def draw_inspection_sample(call: Call, stream_id: UUID, event_id: UUID) -> Answered:
    """Draw children at random from those in care of the inspected organisation. Twice is once.

    Seed, size and the digest of the population are recorded, so that anybody can draw the same again. A
    sample is neither corrected nor voided: whoever draws another one leaves both to be seen.

    从被检查机构当日在管的儿童中随机抽样。种子、样本数和总体摘要一并登记，任何人都可按此重新抽出同一批儿童。
    抽样不能更正或作废；再抽一次的，两次都留有记录。
    """
    words = call.body()
    if "as_of" in words:
        words["as_of"] = date.fromisoformat(words["as_of"])
    sample = _samples(call).draw(
        stream_id,
        event_id,
        **words,
        based_on=call.version,
        actor=call.actor,
        provenance=call.provenance,
    )
    return _shown(stream_id, sample)


@RESOURCE.operation(
    "GET",
    ONE,
    zh="重新抽样核对",
    en="Draw a sample again",
    answers={200: InspectionSample},
    uses=(Samples.again,),
    leads_to=("get_inspection",),
)
def get_inspection_sample(call: Call, stream_id: UUID, event_id: UUID) -> Answered:
    """Draw the sample again from its seed, of the children in care then as known then, and compare.

    按登记的种子和当时所知重新抽样，并与登记的结果核对。
    """
    return _shown(stream_id, _samples(call).again(stream_id, event_id, actor=call.actor))


def _samples(call: Call) -> Samples:
    system = call.system
    return Samples(
        recording=system.recordings[KIND.name],
        log=system.log,
        database=system.database,
        cards=system.cards,
        now=system.now,
    )


def _shown(stream_id: UUID, sample: Sample) -> Answered:
    said = sample.said
    body = InspectionSample(
        stream_id=stream_id,
        event_id=sample.event_id,
        version=sample.version,
        state="recorded" if sample.new else "already_recorded",
        drawn_of=said.drawn_of,
        as_of=said.as_of,
        as_known_at=said.as_known_at,
        seed=said.seed,
        size=said.size,
        population=said.population,
        population_sha256=said.population_sha256,
        children=list(said.children),
        reproduced=sample.reproduced,
    )
    return Answered(body=body, status=201 if sample.new else 200, version=sample.version)
