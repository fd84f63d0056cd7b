"""Faults of the private services, each with a sentence that says what to do."""

from hydroalert.domain.errors import HydroAlertError


class PlatformError(HydroAlertError):
    """Something that `hydroalert up` cannot mend by itself; its text is shown to the person who started it.

    `exit_code` is what the command line ends with: 1 for a fault, 2 for a request that cannot be met.
    """

    exit_code = 1


class RequestRefused(PlatformError):
    """What was asked for on the command line cannot be had: a port that is taken, a directory in use."""

    exit_code = 2
