"""Faults of the private services, each with a sentence that says what to do."""


class PlatformError(Exception):
    """Something that `hydroalert up` cannot mend by itself; its text is shown to the person who started it.

    `exit_code` is what the command line ends with: 1 for a fault, 2 for a request that cannot be met.
    """

    exit_code = 1


class RequestRefused(PlatformError):  # noqa: N818 - a refusal, and named as one
    """What was asked for on the command line cannot be had: a port that is taken, a directory in use."""

    exit_code = 2
