"""Where someone is told of alerts."""

from typing import Literal

import msgspec

Kind = Literal["apprise", "webhook"]


class Address(msgspec.Struct, frozen=True):
    """`url` holds passwords and tokens; `shown` is what may be seen of it. `secret` signs what goes to a webhook."""

    kind: Kind
    url: str
    shown: str
    secret: str | None = None
