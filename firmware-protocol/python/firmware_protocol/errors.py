"""What can go wrong on the device's side, named by who must act."""


class FirmwareProtocolError(Exception):
    """The root of everything that this package raises on purpose."""


class FrameError(FirmwareProtocolError):
    """Bytes that are not a frame, or not one of ours: drop them and go on (SPEC 7.4).

    ``reason`` is one of the refusal words of SPEC 8.1; nothing in it comes from the bytes.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class PackError(FirmwareProtocolError, ValueError):
    """A reading that no pack can carry: mend the caller (SPEC 5)."""


class SpoolError(FirmwareProtocolError):
    """The spool cannot keep what it was given: free the disk, or end the other process that holds it."""
