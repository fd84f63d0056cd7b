"""Laws of CAP messages: one a public revision, valid, chained, ended; and others read in them what we wrote."""

import re
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from cap_tools.models import Alert as TheirAlert
from capparselib.parsers import CAPParser
from hypothesis import given
from hypothesis import strategies as st
from xsdata.formats.dataclass.parsers import XmlParser

from hydroalert.domain.alerts import TOLD_FOR, Change, Transition
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.plain_text import one_line
from hydroalert.domain.severity import Severity
from hydroalert.judging.telling import CapMessage, cap_message
from hydroalert.judging.voice import SigningKey, Voice, checked
from hydroalert.store.reading_cap import EarlierMessage
from hydroalert.wire.cap.message import Message
from hydroalert.wire.cap.read import read_cap
from tests.cap_files import Schema
from tests.judging.warned import ALL, AREA, AT, HAZARDS, SILENT_SINCE, change

VOICE = Voice(sender="warnings@example.org", sender_name="Rivers", web="https://example.org", contact="112")
SENT = AT.replace(microsecond=0)


@pytest.fixture(scope="module")
def schema() -> Schema:
    """The schema of OASIS."""
    return Schema()


def tell(
    of: Change,
    *,
    drill: bool = False,
    earlier: Sequence[EarlierMessage] = (),
    voice: Voice = VOICE,
    revision: int = 3,
    later: timedelta = timedelta(0),
) -> CapMessage:
    """The message of a change, which there must be."""
    told = cap_message(AREA, of, voice, revision=revision, drill=drill, sent=AT + later, earlier=earlier)
    assert told is not None
    return told


def read(told: CapMessage) -> Message:
    """What anyone reads in it."""
    return read_cap(told.xml.encode())


def kept(told: CapMessage) -> EarlierMessage:
    """The same once it was sent."""
    return EarlierMessage(told.identifier, VOICE.sender, told.sent, told.expires, told.message_type)


FIRST = kept(tell(change(Transition.RAISED), revision=1))


@pytest.mark.parametrize("hazard", HAZARDS)
def test_every_message_is_valid_in_every_language(schema: Schema, hazard: str) -> None:
    for _, severity, transition, drill in (one for one in ALL if one[0] == hazard):
        told = tell(change(transition, hazard, severity), drill=drill, earlier=[FIRST])
        assert schema.accepts(told.xml.encode())
        message = read(told)
        assert [info.language for info in message.infos] == ["en", "es"]
        assert message.status == ("Exercise" if drill else "Actual")
        assert (message.note is not None) is drill
        assert all(info.headline and len(info.headline) < 160 for info in message.infos)


@pytest.mark.parametrize("transition", [Transition.RAISED, Transition.BLINDED, Transition.CLEARED])
@pytest.mark.parametrize("drill", [False, True])
def test_two_parsers_of_others_read_what_we_wrote(transition: Transition, drill: bool) -> None:
    for hazard in HAZARDS[:3]:
        for severity in Severity:
            told = tell(change(transition, hazard, severity), drill=drill, earlier=[FIRST])
            message = read(told)
            agree_with_cap_tools(message, told.xml)
            agree_with_capparselib(message, told.xml)


def agree_with_cap_tools(message: Message, xml: str) -> None:
    theirs = XmlParser().from_string(xml, TheirAlert)
    assert (theirs.identifier, theirs.sender, theirs.references) == (
        message.identifier,
        message.sender,
        message.references,
    )
    assert theirs.sent.to_datetime() == message.sent
    assert theirs.status.value == message.status
    assert theirs.msg_type.value == message.message_type
    for their, our in zip(theirs.infos, message.infos, strict=True):
        assert (their.headline, their.description, their.instruction, their.event, their.language) == (
            our.headline, our.description, our.instruction, our.event, our.language,
        )  # fmt: skip
        assert (their.severity.value, their.urgency.value, their.certainty.value) == (
            our.severity, our.urgency, our.certainty,
        )  # fmt: skip
        assert tuple(one.value for one in their.response_types) == our.response_types
        assert their.onset.to_datetime() == our.onset
        assert their.expires.to_datetime() == our.expires
        assert tuple(their.areas[0].polygons) == our.areas[0].polygons
        assert their.areas[0].geocodes[0].value.value == our.areas[0].geocodes[0].value


def agree_with_capparselib(message: Message, xml: str) -> None:
    (theirs,) = CAPParser(xml).as_dict()
    assert theirs["cap_id"] == message.identifier
    assert theirs["cap_message_type"] == message.message_type
    assert theirs["cap_references"] == message.references
    for their, our in zip(theirs["cap_info"], message.infos, strict=True):
        assert their["cap_headline"] == our.headline
        assert their["cap_description"] == our.description
        assert their["cap_severity"] == our.severity
        assert tuple(their["cap_area"][0]["polygons"]) == our.areas[0].polygons
        assert [(one["valueName"], str(one["value"])) for one in their["cap_parameter"]][:2] == [
            (one.name, one.value) for one in our.parameters[:2]
        ]


def test_the_first_is_an_alert_then_come_updates_then_a_cancel() -> None:
    first = tell(change(Transition.RAISED))
    second = tell(change(Transition.ESCALATED), earlier=[kept(first)], revision=4)
    third = tell(change(Transition.CLEARED), earlier=[kept(first), kept(second)], revision=5)
    assert [one.message_type for one in (first, second, third)] == ["Alert", "Update", "Cancel"]
    assert len({one.identifier for one in (first, second, third)}) == 3
    assert read(first).references is None
    assert read(third).references == " ".join(
        f"warnings@example.org,{one.identifier},2025-11-28T06:30:15-00:00" for one in (first, second)
    )


def test_what_the_public_never_heard_of_ends_without_a_message() -> None:
    for of in (change(Transition.CLEARED), change(Transition.RAISED, public_severity=None)):
        assert cap_message(AREA, of, VOICE, revision=1, drill=False, sent=AT, earlier=[]) is None


def test_what_is_raised_again_after_a_cancel_is_a_new_alert() -> None:
    cancel = msgspec.structs.replace(FIRST, identifier="cancel", message_type="Cancel")
    assert cap_message(AREA, change(Transition.CLEARED), VOICE, revision=9, drill=False, sent=AT,
                       earlier=[FIRST, cancel]) is None  # fmt: skip
    again = tell(change(Transition.ESCALATED), earlier=[FIRST, cancel])
    assert again.message_type == "Alert"
    assert read(again).references is None


def test_references_name_what_has_not_expired_and_the_newest_in_any_case() -> None:
    steps = [timedelta(hours=hours) for hours in (0, 5, 11)]
    told = [kept(tell(change(Transition.CONTINUED), later=later, revision=n)) for n, later in enumerate(steps)]

    def named(later: timedelta) -> list[str]:
        references = read(tell(change(Transition.CONTINUED), earlier=told, later=later)).references or ""
        return [one.split(",")[1] for one in references.split()]

    identifiers = [one.identifier for one in told]
    assert named(timedelta(hours=11, minutes=59)) == identifiers
    assert named(timedelta(hours=12)) == identifiers[1:]
    assert named(timedelta(days=9)) == identifiers[2:]


def test_a_message_expires_when_it_must_have_been_told_again() -> None:
    told = tell(change(Transition.RAISED))
    assert told.expires == told.sent + TOLD_FOR
    assert {info.expires for info in read(told).infos} == {told.expires}


def test_times_are_whole_seconds_of_utc_and_written_with_minus_zero() -> None:
    told = tell(change(Transition.RAISED))
    assert told.sent == SENT
    times = re.findall(r">(\d{4}-\d\d-\d\dT[^<]*)<", told.xml)
    assert len(times) == 1 + 2 * 3
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00", time) for time in times)
    message = read(told)
    assert message.sent == message.infos[0].effective == SENT
    assert message.infos[0].onset == (AT - timedelta(hours=3)).replace(microsecond=0)


@pytest.mark.parametrize(
    ("severity", "urgency", "responses"),
    [
        (Severity.MINOR, "Expected", ("Monitor",)),
        (Severity.MODERATE, "Expected", ("Prepare",)),
        (Severity.SEVERE, "Immediate", ("Prepare", "Avoid")),
        (Severity.EXTREME, "Immediate", ("Evacuate", "Avoid")),
    ],
)
def test_how_bad_it_is_says_how_soon_and_what_to_do(
    severity: Severity, urgency: str, responses: tuple[str, ...]
) -> None:
    info = read(tell(change(Transition.RAISED, severity=severity))).infos[0]
    assert (info.severity, info.urgency, info.response_types) == (severity.value.capitalize(), urgency, responses)
    assert info.certainty == "Observed"


def test_an_unreleased_severity_is_nowhere_in_the_message() -> None:
    held = change(Transition.ESCALATED, severity=Severity.EXTREME, public_severity=Severity.MODERATE)
    told = tell(held)
    assert {info.severity for info in read(told).infos} == {"Moderate"}
    assert "xtreme" not in told.xml
    assert "Flood level" not in told.xml


def test_the_end_is_all_clear() -> None:
    info = read(tell(change(Transition.CLEARED), earlier=[FIRST])).infos[0]
    assert (info.response_types, info.urgency, info.severity) == (("AllClear",), "Past", "Minor")


def test_the_reason_and_name_of_whoever_set_it_by_hand_are_not_told() -> None:
    told = tell(change(Transition.OVERRIDDEN, by_hand=True))
    assert "anna" not in told.xml
    assert "secret" not in told.xml


def test_programs_read_revision_blindness_and_values_without_words() -> None:
    message = read(tell(change(Transition.BLINDED), earlier=[FIRST], revision=12))
    for info in message.infos:
        values = {pair.name.removeprefix("hydroalert:"): pair.value for pair in info.parameters}
        assert values == {
            "revision": "12",
            "transition": "blinded",
            "blind": "true",
            "blind_since": "2025-11-28T04:30:15.750Z",
            "level": "Flood level",
            "polygon_tolerance_deg": "0.0005",
            "observation": "gauge/level 2025-11-28T04:30:15.750Z 2.314 m threshold 2 quality 1",
        }
        assert info.certainty == "Possible"
    assert SILENT_SINCE < AT


def test_each_part_of_an_area_is_a_polygon_latitude_first() -> None:
    area = read(tell(change(Transition.RAISED))).infos[0].areas[0]
    assert area.polygons[0] == "53.7,-2 53.7,-1.9 53.8,-1.9 53.7,-2"
    assert len(area.polygons) == 2
    assert [(one.name, one.value) for one in area.geocodes] == [
        ("official_code", "123FWF311"),
        ("hydroalert:area", "hebden-bridge"),
    ]


@given(
    st.text(max_size=200)
    | st.sampled_from(["<&>]]>", "\x00\x1f", "\ud800", "\u202e", "قرية", "👩\u200d👧", "&xxe;", "<!DOCTYPE a>"])
)
def test_a_name_hostile_to_xml_is_told_as_it_can_be_read(name: str) -> None:
    hostile = msgspec.structs.replace(AREA, names={"en": name}, official_code=name, stations={"gauge": name})
    of = change(Transition.RAISED, level_name=name)
    told = cap_message(hostile, of, VOICE, revision=1, drill=False, sent=AT, earlier=[])
    assert told is not None
    area = read(told).infos[0].areas[0]
    assert area.geocodes[0].value == one_line(name)
    assert area.description == one_line(name or AREA.code)


@pytest.mark.parametrize(
    ("voice", "words"),
    [
        (Voice(sender="a b"), "must have no blanks"),
        (Voice(sender="a,b"), "must have no blanks"),
        (Voice(sender="a<b"), "must have no blanks"),
        (Voice(sender=""), "must have no blanks"),
        (Voice(languages=()), "at least one"),
        (Voice(languages=("en", "en")), "once"),
        (Voice(languages=("xx",)), "no texts in 'xx'"),
        (Voice(web="example.org"), "http or https"),
        (Voice(web="https://a b%"), "http or https"),
        (Voice(signing=SigningKey("no", "key")), "cannot be signed"),
    ],
)
def test_a_voice_that_could_not_be_heard_is_refused_before_the_first_warning(voice: Voice, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        checked(voice)


def test_the_voice_that_nobody_changed_can_be_heard() -> None:
    assert checked(Voice()) == Voice()
