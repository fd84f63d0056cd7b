"""The one tree of errors. A refusal is a value (`domain.refusals`); what stands here is a fault."""


class HydroAlertError(Exception):
    """Whatever HydroAlert raises on purpose. Its text says what to do."""


class InvalidInput(HydroAlertError):
    """A person or client gave something that cannot be right; the same call will fail again."""

    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class NotFound(HydroAlertError):
    """What was named does not exist."""


class Conflicting(HydroAlertError):
    """It would contradict what already stands."""


class ChangedMeanwhile(Conflicting):
    """Somebody changed it since it was looked at. `current`: what it is now, as JSON has it."""

    def __init__(self, message: str, current: dict[str, object]) -> None:
        super().__init__(message)
        self.current = current


class NotAllowed(HydroAlertError):
    """Whoever asks may not; someone with another role may."""


class Unavailable(HydroAlertError):
    """A part that this depends on cannot answer now; the same call may succeed later."""


class SecretsError(HydroAlertError):
    """A secret is missing, unreadable, or does not open what was sealed with it."""
