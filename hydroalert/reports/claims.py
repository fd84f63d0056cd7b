"""What a citizen says, checked: a claim, or the reason why it cannot be one. Pure."""

import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from hydroalert.domain.clock import MAX_AHEAD
from hydroalert.domain.codes import is_language
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.plain_text import without_unfit
from hydroalert.domain.reports import DEPTH_CM, MAX_TEXT, Category, Depth

MAX_AGE = timedelta(days=7)
MAX_ACCURACY_M = 100_000
MAX_DEPTH_CM = 1_000

_MAX_LANGUAGE = 35
_MAX_CONTACT = 254  # RFC 5321, section 4.5.3.1.3, as erratum 1690 has it
_MAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)+")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164
_PHONE_SIGNS = re.compile(r"[\s().\-/]")


class Sighting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody says they saw, not checked yet."""

    lon: Annotated[float, Meta(description="WGS 84 degrees, east positive", examples=[79.8612])]
    lat: Annotated[float, Meta(description="WGS 84 degrees, north positive", examples=[6.9271])]
    accuracy_m: Annotated[float | None, Meta(description="How far off the place may be, in metres")] = None
    seen_at: Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset; within the last 7 days")]
    category: Annotated[str, Meta(description=" | ".join(Category), examples=[Category.FLOODED_ROAD.value])]
    depth: Annotated[str | None, Meta(description=" | ".join(Depth) + "; or depth_cm, or neither")] = None
    depth_cm: Annotated[float | str | None, Meta(description="Whole centimetres, 0 to 1000, without a unit")] = None
    text: Annotated[str, Meta(description=f"At most {MAX_TEXT} characters")] = ""
    language: Annotated[str, Meta(description="Of the text (BCP 47)", examples=["en", "si", "pt-BR"])]
    contact: Annotated[str | None, Meta(description="A mail address, or a telephone number that begins with +")] = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What can be kept. `depth_cm`: also where a word was given, then what that stands for. `contact`: a mail address
    in lower case or `+` and the digits of a telephone number."""

    lon: float
    lat: float
    accuracy_m: float | None
    seen_at: datetime
    category: Category
    depth_cm: int | None
    depth_word: Depth | None
    text: str
    language: str
    contact: str | None


def check_claim(sighting: Sighting, now: datetime) -> Claim:
    """Raises InvalidInput, which names what cannot be right and says what to do."""
    _check_place(sighting.lon, sighting.lat)
    _check_accuracy(sighting.accuracy_m)
    _check_time(sighting.seen_at, now)
    word, depth_cm = _depth(sighting.depth, sighting.depth_cm)
    return Claim(
        lon=sighting.lon,
        lat=sighting.lat,
        accuracy_m=sighting.accuracy_m,
        seen_at=sighting.seen_at.astimezone(UTC),
        category=_category(sighting.category),
        depth_cm=depth_cm,
        depth_word=word,
        text=plain(sighting.text),
        language=_language(sighting.language),
        contact=_contact(sighting.contact or ""),
    )


def plain(text: str) -> str:
    """A citizen's words as they are kept: composed (NFC), without signs that cannot be shown; empty where none can be
    seen. Raises InvalidInput."""
    fit = unicodedata.normalize("NFC", without_unfit(text)).strip()
    if not any(sign.isprintable() and not sign.isspace() for sign in fit):
        return ""
    if len(fit) > MAX_TEXT:
        raise InvalidInput(f"that are {len(fit)} characters: say it in {MAX_TEXT}", "text")
    return fit


def _check_place(lon: float, lat: float) -> None:
    if not (math.isfinite(lon) and -180 <= lon <= 180):
        raise InvalidInput(f"longitude {lon:g} is outside -180 to 180", "lon")
    if not (math.isfinite(lat) and -90 <= lat <= 90):
        raise InvalidInput(f"latitude {lat:g} is outside -90 to 90: lon and lat may be exchanged", "lat")
    if lon == 0 and lat == 0:
        raise InvalidInput("0, 0 is what a phone says that does not know where it is: choose the place", "lon")


def _check_accuracy(accuracy_m: float | None) -> None:
    if accuracy_m is not None and not 0 <= accuracy_m <= MAX_ACCURACY_M:
        raise InvalidInput(f"accuracy_m is in metres, 0 to {MAX_ACCURACY_M:,}", "accuracy_m")


def _check_time(seen_at: datetime, now: datetime) -> None:
    if seen_at > now + MAX_AHEAD:
        raise InvalidInput("seen_at is in the future: check the clock and its offset from UTC", "seen_at")
    if seen_at < now - MAX_AGE:
        raise InvalidInput(f"seen_at is more than {MAX_AGE.days} days ago: report what is seen now", "seen_at")


def _category(word: str) -> Category:
    if word not in set(Category):
        raise InvalidInput(f"there is no category {word[:80]!r}: {', '.join(Category)}", "category")
    return Category(word)


def _depth(word: str | None, measured: float | str | None) -> tuple[Depth | None, int | None]:
    if word is not None and measured is not None:
        raise InvalidInput("give depth (a word) or depth_cm, not both", "depth")
    if word is not None:
        if word not in set(Depth):
            raise InvalidInput(f"depth is one of {', '.join(Depth)}; a measure goes into depth_cm", "depth")
        return Depth(word), DEPTH_CM[Depth(word)]
    return None, None if measured is None else _centimetres(measured)


def _centimetres(measured: float | str) -> int:
    if isinstance(measured, str) or not float(measured).is_integer() or not 0 <= measured <= MAX_DEPTH_CM:
        raise InvalidInput(
            f"depth_cm is a whole number of centimetres, 0 to {MAX_DEPTH_CM:,}, without a unit: 1.2 m are 120",
            "depth_cm",
        )
    return int(measured)


def _language(tag: str) -> str:
    primary, _, rest = tag.partition("-")
    canonical = primary.lower() + (f"-{rest}" if rest else "")
    if len(tag) > _MAX_LANGUAGE or not is_language(canonical):
        raise InvalidInput(f"{tag[:80]!r} is no language such as en, si or pt-BR (BCP 47)", "language")
    return canonical


def _contact(given: str) -> str | None:
    """A mail address or a telephone number in one form of each, so that the same one is recognised."""
    mail = unicodedata.normalize("NFC", given.strip()).lower()
    phone = _PHONE_SIGNS.sub("", mail)
    phone = "+" + phone[2:] if phone.startswith("00") else phone
    if not mail or _PHONE.fullmatch(phone):
        return phone or None
    if len(mail) <= _MAX_CONTACT and mail == without_unfit(mail) and _MAIL.fullmatch(mail):
        return mail
    raise InvalidInput(
        "contact is a mail address, or a telephone number with its country's code such as +94 77 123 4567", "contact"
    )
