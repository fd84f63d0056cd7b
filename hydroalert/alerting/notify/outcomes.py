"""What may become of one attempt to send."""

import msgspec


class Delivered(msgspec.Struct, frozen=True):
    """The receiver took it."""


class Failed(msgspec.Struct, frozen=True):
    """It did not; `words` for operators, never with a secret in them."""

    words: str


class Gone(msgspec.Struct, frozen=True):
    """The receiver wants no more of anything."""

    words: str


Outcome = Delivered | Failed | Gone
