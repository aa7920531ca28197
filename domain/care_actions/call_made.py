"""Call 通话: somebody telephoned, and perhaps got through."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine, both, contradicting, paper_word
from domain.choices import Party
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class CallChannel(Choice):
    """By what means."""

    PHONE = "phone", "电话", "telephone"
    VIDEO = "video", "视频", "video"
    HOME_PHONE = "home_phone", "亲情电话", "family phone of the school"


class CallOutcome(Choice):
    """Whether people could talk."""

    CONNECTED = "connected", "接通", "connected"
    NO_ANSWER = "no_answer", "未接通", "no answer"
    WRONG_NUMBER = "wrong_number", "号码有误", "wrong number"
    NOT_UNDERSTOOD = "not_understood", "语言不通", "not understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMade(Details):
    """Who called whom, and whether they talked.

    Connected for a minute or longer is a contact, and so is connected for nobody knows how long.
    """

    TYPE: ClassVar[str] = "call_made"

    caller: Party = described("主叫", "Caller")
    called: Party = described("被叫", "Called")
    outcome: CallOutcome = described("结果", "Outcome")
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    carers: tuple[UUID, ...] = described("帮扶人", "Carers on the line", max_length=5, default=())
    channel: CallChannel = described("方式", "Channel", default=CallChannel.PHONE)
    language: str | None = described("语言", "Language", personal=True, max_length=40, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


_PARTIES = {party.zh: party for party in Party}
_OUTCOMES = {outcome.zh: outcome for outcome in CallOutcome}
# The words of a log that say more than that there was a call; over the family phone the child itself calls.
_COMES_IN, _OF_CHILD = "来电", "亲情电话"
_CHANNELS = {"视频": CallChannel.VIDEO, _OF_CHILD: CallChannel.HOME_PHONE}
# Where nobody answered, nobody talked: the length of that is known without being written down.
_NOBODY_TALKED = (CallOutcome.NO_ANSWER, CallOutcome.WRONG_NUMBER)


def _from_paper(line: PaperLine) -> CallMade:
    outcome, party = both(
        lambda: paper_word(_OUTCOMES, line.outcome, at="outcome"),
        lambda: paper_word(_PARTIES, line.counterpart, at="counterpart"),
    )
    if line.minutes and outcome in _NOBODY_TALKED:
        raise contradicting("结果", "时长(分钟)", at="outcome")
    own = Party.CHILD if line.word == _OF_CHILD and party is not Party.CHILD else Party.CARER
    caller, called = (party, own) if line.word == _COMES_IN else (own, party)
    return CallMade(
        caller=caller,
        called=called,
        channel=_CHANNELS.get(line.word, CallChannel.PHONE),
        outcome=outcome,
        minutes=0 if outcome in _NOBODY_TALKED else line.minutes,
        carers=line.carers,
        record=line.record,
    )


def _contact(details: CallMade, *, has_record: bool) -> bool:
    return details.outcome is CallOutcome.CONNECTED and details.minutes != 0


def _carers(details: CallMade) -> tuple[UUID, ...]:
    return details.carers


ACTION = CareAction(
    details=CallMade,
    label=Text(zh="通话", en="Call"),
    record="record",
    contact=_contact,
    carers=_carers,
    paper=("电话", "通话", *_CHANNELS, _COMES_IN),
    from_paper=_from_paper,
)
