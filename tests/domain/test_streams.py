"""The kinds of streams and their types, as the catalogue finds them."""

from collections import Counter

import msgspec
import pytest

from domain.catalogue import care_actions_by_type, event_types, kind_of, kind_of_type, stream_kinds
from domain.event import Channel, Metadata
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_type import EventType, declared
from tests.support.samples import sample_event

GENERIC = {"event_corrected", "event_voided"}
KINDS = {"child", "carer", "organisation", "alert", "activity", "canary", "principal"}


def test_each_kind_is_found_by_its_folder() -> None:
    assert set(stream_kinds()) >= KINDS
    assert all(name == kind.name for name, kind in stream_kinds().items())
    assert max(Counter(kind.plural for kind in stream_kinds().values()).values()) == 1


def test_each_type_is_on_one_kind_of_stream_and_the_generic_ones_are_a_childs_by_default() -> None:
    on = Counter(name for kind in stream_kinds().values() for name in kind.by_type if name not in GENERIC)

    assert set(on) | GENERIC == set(event_types())
    assert max(on.values()) == 1
    assert {kind_of_type(name).name for name in (*GENERIC, *care_actions_by_type())} == {"child"}
    assert kind_of_type("carer_registered").name == "carer"
    with pytest.raises(KeyError):
        kind_of_type("letter_of_nobody")


def test_an_event_is_on_the_kind_that_it_names() -> None:
    event = sample_event("event_voided")
    named = msgspec.structs.replace(event.metadata, kind="activity")

    assert kind_of(event).name == "child"
    assert kind_of(msgspec.structs.replace(event, metadata=named)).name == "activity"


def test_metadata_name_no_kind_where_there_is_none_to_name() -> None:
    metadata = Metadata(actor="office", role="client", channel=Channel.API)

    assert "kind" not in msgspec.to_builtins(metadata)
    assert msgspec.to_builtins(msgspec.structs.replace(metadata, kind="carer"))["kind"] == "carer"


@pytest.mark.parametrize("event_type", event_types().values(), ids=event_types())
def test_each_type_is_declared_once_with_labels_in_both_languages(event_type: EventType) -> None:
    assert event_type.label.zh.strip()
    assert event_type.label.en.strip()
    assert declared(event_type.details).type == event_type.type


def test_each_kind_is_opened_by_a_type_of_its_own() -> None:
    for kind in stream_kinds().values():
        assert kind.opens
        assert {details.TYPE for details in kind.opens} <= set(kind.by_type)


@pytest.mark.parametrize(
    "type_",
    ["rule_bound", "alert_raised", "key_issued", "recipient_registered", "canary_rang", "event_voided"],
)
def test_what_others_act_on_at_once_is_neither_corrected_nor_voided(type_: str) -> None:
    assert not event_types()[type_].correctable
    assert not event_types()[type_].voidable


def test_a_correction_may_be_voided_but_not_corrected() -> None:
    assert declared(EventCorrected).voidable
    assert not declared(EventCorrected).correctable


def test_a_kind_is_corrected_and_voided_where_any_of_its_types_allows_it() -> None:
    corrected = {name for name, kind in stream_kinds().items() if "event_corrected" in kind.by_type}
    voided = {name for name, kind in stream_kinds().items() if "event_voided" in kind.by_type}

    assert {"child", "carer", "organisation"} <= corrected
    # Of money nothing is corrected: what is wrong is voided and recorded anew.
    assert voided - corrected == {"donation"}
    assert corrected <= voided
    assert not {"alert", "canary", "principal"} & voided
