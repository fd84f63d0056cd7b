"""Why a frame, or a record of it, was not taken. These words, everywhere (SPEC 8)."""

from enum import StrEnum


class Reason(StrEnum):
    """The reasons in the order in which they are looked for: the first that applies is given."""

    UNSUPPORTED_VERSION = "unsupported_version"
    MALFORMED = "malformed"
    UNSUPPORTED_CONTENT = "unsupported_content"
    UNKNOWN_DEVICE = "unknown_device"
    REVOKED_DEVICE = "revoked_device"
    UNKNOWN_KEY = "unknown_key"
    BAD_TAG = "bad_tag"
    OVER_QUOTA = "over_quota"
    BAD_BODY = "bad_body"
    UNKNOWN_DATASTREAM = "unknown_datastream"
    WRONG_UNIT = "wrong_unit"
    NOT_A_NUMBER = "not_a_number"
    RELATIVE_TIME = "relative_time"
    TIME_IN_FUTURE = "time_in_future"
    TIME_TOO_OLD = "time_too_old"


UNAUTHENTICATED = frozenset({Reason.UNKNOWN_DEVICE, Reason.REVOKED_DEVICE, Reason.UNKNOWN_KEY, Reason.BAD_TAG})
"""Who sends these could be anyone: over HTTP they get one and the same answer."""
