"""Webhooks as Standard Webhooks 1.0.0 wants them (https://www.standardwebhooks.com): signed, dated, told apart."""

import base64
from datetime import datetime

from standardwebhooks import Webhook

from hydroalert.domain.clock import to_ms

SECRET_BYTES = 32
"""The specification wants 24 to 64."""

_PREFIX = "whsec_"


def secret_text(random_bytes: bytes) -> str:
    """A signing secret as it is handed to the receiver: `whsec_` and its base64."""
    return _PREFIX + base64.b64encode(random_bytes).decode()


def webhook_headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that go with `body`. `at`: of this attempt, in whole seconds: a receiver refuses what is too old.

    `message_id` stays the same from attempt to attempt: by it a receiver knows what it has already had.
    """
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(to_ms(at) // 1000),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }
