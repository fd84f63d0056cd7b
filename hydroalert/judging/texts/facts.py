"""What a text is made of, and what it becomes."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from hydroalert.domain.alerts import Change


class Place(msgspec.Struct, frozen=True):
    """An alert area as texts name it: its names by language, and the names of its stations by their codes."""

    code: str
    names: Mapping[str, str] = {}
    stations: Mapping[str, str] = {}

    def name_in(self, language: str) -> str:
        """Its name in that language, else in English, else in any, else its code."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), "") or self.code


class Facts(msgspec.Struct, frozen=True):
    """One change of one alert, when it happened and where."""

    place: Place
    change: Change
    at: datetime
    drill: bool = False


class Text(msgspec.Struct, frozen=True):
    """What is read: `event` names the hazard, `headline` is under 160 characters, `description` says what is happening
    and where, `instruction` what to do. `language` is the one that it is in."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
