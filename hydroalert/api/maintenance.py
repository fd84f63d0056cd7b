"""Maintenance of a station or a datastream: until when its values raise nothing."""

from datetime import datetime

import msgspec

from hydroalert.api.parameters import parse_time
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.datastreams import LONGEST_MAINTENANCE


class GivenMaintenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when, RFC 3339 with its offset."""

    until: str


class Maintenance(msgspec.Struct, frozen=True):
    """Until when, RFC 3339, UTC."""

    until: str


def parse_until(given: GivenMaintenance, now: datetime) -> datetime:
    """Until when. Raises InvalidInput unless it is to come, within a year."""
    until = parse_time(given.until, "until")
    if not now < until <= now + LONGEST_MAINTENANCE:
        raise InvalidInput(f"until must be to come, and at most {LONGEST_MAINTENANCE.days} days from now", "until")
    return until


def show_maintenance(until: datetime) -> Maintenance:
    """As JSON has it."""
    return Maintenance(rfc3339(until))
