"""Codes: the short names of stations, devices, areas and datastreams."""

import re

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_DATASTREAM = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def is_code(text: str) -> bool:
    """Whether `text` can name a station, a device, an area or a hazard."""
    return _CODE.fullmatch(text) is not None


def is_datastream_code(text: str) -> bool:
    """Whether `text` can name a datastream."""
    return _DATASTREAM.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Whether `text` can name a language, such as en or pt-BR (BCP 47)."""
    return _LANGUAGE.fullmatch(text) is not None


def code_from(official_code: str) -> str:
    """The code for a name from elsewhere: lower case, runs of other signs become `-`, ends trimmed.

    May be empty, when nothing of the name can be kept; at most 63 characters.
    """
    return re.sub(r"[^a-z0-9]+", "-", official_code.lower()).strip("-")[:63].rstrip("-")
