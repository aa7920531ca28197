"""The bytes of events are for ever: what was written once is read by every later version."""

import json
from dataclasses import replace

import pytest

from application.eventstore.mapper import ERASED, EventMapper, UnknownTopic
from application.eventstore.seal import Tampered
from domain.catalogue import details_by_type
from domain.fields import fields_of
from tests.support.golden import GOLDEN, KEY
from tests.support.samples import FORMS as SAMPLES
from tests.support.samples import every_word, sample_event

TYPES = sorted(details_by_type())
FORMS = sorted(SAMPLES)


def mapper() -> EventMapper:
    return EventMapper(nonce=lambda: bytes(12))


def golden() -> dict[str, str]:
    return json.loads(GOLDEN.read_text())


def test_every_type_of_event_has_golden_bytes() -> None:
    assert sorted(golden()) == FORMS


@pytest.mark.parametrize("type_", FORMS)
def test_an_event_is_written_as_the_golden_bytes(type_: str) -> None:
    stored = mapper().to_stored_event(sample_event(type_), key=KEY)

    assert stored.state.hex() == golden()[type_]
    assert stored.topic == type_.partition(":")[0]


@pytest.mark.parametrize("type_", FORMS)
def test_golden_bytes_are_read_as_the_event(type_: str) -> None:
    event = sample_event(type_)
    stored = mapper().to_stored_event(event, key=KEY)

    read = mapper().to_event(replace(stored, state=bytes.fromhex(golden()[type_])), key=KEY)

    assert read == event


@pytest.mark.parametrize("type_", TYPES)
def test_samples_fill_every_field(type_: str) -> None:
    assert set(every_word(type_)) == {f.name for f in fields_of(details_by_type()[type_])}


@pytest.mark.parametrize("type_", ["child_enrolled", "home_visit_made", "org_unit_created"])
def test_no_byte_can_be_changed_unnoticed(type_: str) -> None:
    stored = mapper().to_stored_event(sample_event(type_), key=KEY)

    for i in range(len(stored.state)):
        changed = bytearray(stored.state)
        changed[i] ^= 1
        with pytest.raises(Tampered):
            mapper().to_event(replace(stored, state=bytes(changed)), key=KEY)


@pytest.mark.parametrize(
    "changed",
    [
        {"originator_version": 4},
        {"topic": "talk_held"},
        {"org": "县/镇/小学/3年级/5班"},
        {"event_id": sample_event("child_exited").source_event_id},
        {"metadata": b'{"actor":"somebody else","role":"client","channel":"api"}'},
        {"originator_id": sample_event("child_exited").source_event_id},
    ],
    ids=lambda c: next(iter(c)),
)
def test_an_event_cannot_be_moved_or_claimed_by_another(changed: dict[str, object]) -> None:
    stored = mapper().to_stored_event(sample_event("home_visit_made"), key=KEY)

    with pytest.raises(Tampered):
        mapper().to_event(replace(stored, **changed), key=KEY)


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "erased"])
@pytest.mark.parametrize("garbage", [b"{", b"[]", b"null", b'{"actor":"\xff"}', b""])
def test_garbled_words_beside_the_seal_are_told_as_tampered(key: bytes | None, garbage: bytes) -> None:
    stored = mapper().to_stored_event(sample_event("talk_held"), key=KEY)
    open_part = stored.state[:1] + len(garbage).to_bytes(4) + garbage + b"rest"

    for changed in (replace(stored, metadata=garbage), replace(stored, state=open_part)):
        with pytest.raises(Tampered):
            mapper().to_event(changed, key=key)


def test_an_erased_event_with_words_that_it_cannot_have_is_told_as_tampered() -> None:
    stored = mapper().to_stored_event(sample_event("talk_held"), key=KEY)
    assert b'"minutes":15' in stored.state

    with pytest.raises(Tampered):
        mapper().to_event(replace(stored, state=stored.state.replace(b":15", b":[]")), key=None)


@pytest.mark.parametrize("type_", TYPES)
def test_without_its_key_an_event_keeps_what_is_not_personal(type_: str) -> None:
    event = sample_event(type_)
    stored = mapper().to_stored_event(event, key=KEY)

    erased = mapper().to_event(stored, key=None)

    assert erased.erased
    assert erased.recorded_by == ERASED
    assert erased.occurred == event.occurred
    for field in fields_of(type(event.details)):
        kept = getattr(erased.details, field.name)
        if field.spec.personal:
            # A list of which nothing was said is none that was there.
            assert kept in (ERASED, None) or kept == getattr(event.details, field.name) == ()
        else:
            assert kept == getattr(event.details, field.name)


def test_what_is_personal_does_not_lie_in_the_clear() -> None:
    for form in FORMS:
        event, type_ = sample_event(form), form.partition(":")[0]
        stored = mapper().to_stored_event(event, key=KEY)
        for field in fields_of(type(event.details)):
            word = every_word(type_)[field.name]
            if field.spec.personal and isinstance(word, str) and len(word) > 1:
                assert word.encode() not in stored.state, f"{type_}.{field.name}"
        assert "李老师".encode() not in stored.state


def test_a_type_that_is_not_known_is_named() -> None:
    stored = mapper().to_stored_event(sample_event("talk_held"), key=KEY)

    with pytest.raises(UnknownTopic, match="from_the_future"):
        mapper().to_event(replace(stored, topic="from_the_future"), key=KEY)


def test_an_older_form_is_lifted_to_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = mapper().to_stored_event(sample_event("talk_held"), key=KEY)
    talk = details_by_type()["talk_held"]

    monkeypatch.setattr(talk, "UPCASTS", (lambda words: {**words, "minutes": words["minutes"] * 2},))

    assert mapper().to_event(stored, key=KEY).details.minutes == 30
    assert mapper().to_event(stored, key=None).details.minutes == 30
