"""From a change that the public hears of to its CAP 1.2 message. Pure: one change, one message."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import msgspec

from hydroalert.domain.alerts import TOLD_FOR, Alert, Change, certainty_of, heard, urgency_of
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.plain_text import one_line
from hydroalert.domain.severity import Severity
from hydroalert.judging.texts.facts import Facts, Place, Text
from hydroalert.judging.texts.public import is_over, public_text
from hydroalert.judging.voice import Voice
from hydroalert.store.reading_cap import AreaFacts, EarlierMessage
from hydroalert.wire.cap import message as cap
from hydroalert.wire.cap.message import Area, Info, Message, Pair
from hydroalert.wire.cap.signature import sign_cap
from hydroalert.wire.cap.values import polygon_text, time_text
from hydroalert.wire.cap.write import write_cap

_CATEGORIES: dict[str, cap.Category] = {"landslide": "Geo", "debris-flow": "Geo"}
"""Of hazards that are not the weather's; floods are, says CAP 1.2, 3.2.2 (category)."""
_RESPONSES: dict[Severity, tuple[cap.ResponseType, ...]] = {
    Severity.MINOR: ("Monitor",),
    Severity.MODERATE: ("Prepare",),
    Severity.SEVERE: ("Prepare", "Avoid"),
    Severity.EXTREME: ("Evacuate", "Avoid"),
}


class CapMessage(msgspec.Struct, frozen=True):
    """A message to be kept and sent; `xml` to the byte, in UTF-8."""

    identifier: str
    message_type: cap.MessageType
    sent: datetime
    expires: datetime
    xml: str


def cap_message(  # noqa: PLR0913 - one for each thing that a message tells of
    area: AreaFacts,
    change: Change,
    voice: Voice,
    *,
    revision: int,
    drill: bool,
    sent: datetime,
    earlier: Sequence[EarlierMessage],
) -> CapMessage | None:
    """The message of one revision; None where the public never heard of what is over.

    `earlier`: the messages of the same alert so far, the oldest first. The first is an Alert, then come Updates, and a
    Cancel when nothing stands for the public any more; what is raised again after that is an Alert again. Times are cut
    to seconds, which is all that CAP has.
    """
    sent = sent.replace(microsecond=0)
    standing = _since_cancel(earlier)
    message_type = _message_type(change, standing)
    if message_type is None:
        return None
    facts = Facts(Place(area.code, area.names, area.stations), change, sent, drill)
    texts = [public_text(language, facts) for language in voice.languages]
    expires = sent + TOLD_FOR
    message = Message(
        identifier=f"{area.code}-{revision}-{change.alert.id}",
        sender=voice.sender,
        sent=sent,
        status="Exercise" if drill else "Actual",
        message_type=message_type,
        scope="Public",
        note=texts[0].headline if drill else None,
        references=_references(standing, sent),
        incidents=str(change.alert.id),
        infos=tuple(_info(area, facts, voice, text, _parameters(area, facts, revision)) for text in texts),
    )
    return CapMessage(message.identifier, message_type, sent, expires, _xml(message, voice))


def _since_cancel(earlier: Sequence[EarlierMessage]) -> Sequence[EarlierMessage]:
    """What stands for whoever heard all of it: nothing before a Cancel, nor the Cancel itself."""
    cancelled = [at for at, one in enumerate(earlier, start=1) if one.message_type == "Cancel"]
    return earlier[cancelled[-1] :] if cancelled else earlier


def _message_type(change: Change, standing: Sequence[EarlierMessage]) -> cap.MessageType | None:
    if is_over(change):
        return "Cancel" if standing else None
    return "Update" if standing else "Alert"


def _references(standing: Sequence[EarlierMessage], sent: datetime) -> str | None:
    """Those that somebody may still show: unexpired, and the newest in any case (CAP 1.2, 3.2.1, references).

    What has expired is gone everywhere; so the list stays short however long an alert stands.
    """
    shown = [one for one in standing if one.expires > sent or one is standing[-1]]
    return " ".join(f"{one.sender},{one.identifier},{time_text(one.sent)}" for one in shown) or None


def _info(area: AreaFacts, facts: Facts, voice: Voice, text: Text, parameters: tuple[Pair, ...]) -> Info:
    alert, over = facts.change.alert, is_over(facts.change)
    public = heard(alert)
    return Info(
        language=text.language,
        categories=(_CATEGORIES.get(alert.hazard, "Met"),),
        event=text.event,
        response_types=("AllClear",) if over else _RESPONSES[public.severity],
        urgency="Past" if over else cast("cap.Urgency", urgency_of(public).capitalize()),
        # "Minimal to no known threat" is what remains of any hazard that is over (3.2.2, severity).
        severity="Minor" if over else cast("cap.Severity", public.severity.value.capitalize()),
        certainty="Observed" if over else cast("cap.Certainty", certainty_of(public).capitalize()),
        event_codes=(Pair("hydroalert:hazard", alert.hazard),),
        effective=facts.at,
        onset=alert.onset,
        expires=facts.at + TOLD_FOR,
        sender_name=voice.sender_name,
        headline=text.headline,
        description=text.description,
        instruction=text.instruction,
        web=voice.web,
        contact=voice.contact,
        parameters=parameters,
        areas=(_area(area, text.language, facts.place),),
    )


def _area(area: AreaFacts, language: str, place: Place) -> Area:
    return Area(
        description=one_line(place.name_in(language)),
        polygons=tuple(map(polygon_text, area.rings)),
        geocodes=(Pair("official_code", one_line(area.official_code)), Pair("hydroalert:area", area.code)),
    )


def _parameters(area: AreaFacts, facts: Facts, revision: int) -> tuple[Pair, ...]:
    """What programs may want to know; none of it is in the words of one language only."""
    alert = facts.change.alert
    since = [] if alert.blind_since is None else [Pair("hydroalert:blind_since", rfc3339(alert.blind_since))]
    level = [Pair("hydroalert:level", one_line(alert.level_name))] if _may_name_level(alert) else []
    return (
        Pair("hydroalert:revision", str(revision)),
        Pair("hydroalert:transition", facts.change.transition.value),
        Pair("hydroalert:blind", str(alert.blind_since is not None).lower()),
        *since,
        *level,
        Pair("hydroalert:polygon_tolerance_deg", str(area.tolerance_deg)),
        *_measured(heard(alert)),
    )


def _measured(alert: Alert) -> list[Pair]:
    """`station/datastream time result unit`, each with its threshold and QARTOD flag."""
    return [
        Pair(
            "hydroalert:observation",
            one_line(
                f"{cause.station}/{cause.datastream} {rfc3339(cause.time)} {cause.result:g} {cause.unit} "
                f"threshold {cause.threshold:g} quality {cause.quality}"
            ),
        )
        for cause in alert.causes
    ]


def _may_name_level(alert: Alert) -> bool:
    """Not while the public hears less than the level says."""
    return bool(one_line(alert.level_name)) and alert.public_severity == alert.severity


def _xml(message: Message, voice: Voice) -> str:
    xml = write_cap(message)
    if voice.signing is not None:
        xml = sign_cap(xml, voice.signing.certificate_pem, voice.signing.key_pem)
    return xml.decode()
