"""Whether the kernel says that its clock follows a time source (adjtimex(2))."""

import ctypes
import sys

_TIME_ERROR = 5  # <sys/timex.h>: the clock is not synchronised
_TIMEX_BYTES = 512  # more than sizeof(struct timex) on any Linux; all zero asks and changes nothing


def is_kernel_clock_synchronised() -> bool | None:
    """None where the kernel cannot be asked."""
    if sys.platform != "linux":
        return None
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    state: int = adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return None if state < 0 else state != _TIME_ERROR
