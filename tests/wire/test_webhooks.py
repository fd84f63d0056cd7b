"""Webhooks are signed as the specification says."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from hydroalert.wire.webhooks import SECRET_BYTES, secret_text, webhook_headers


def test_the_signature_is_that_of_the_specifications_example() -> None:
    headers = webhook_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.parametrize(
    ("body", "secret", "age"),
    [
        (b'{"a":2}', secret_text(bytes(SECRET_BYTES)), timedelta(0)),
        (b'{"a":1}', secret_text(b"\1" * SECRET_BYTES), timedelta(0)),
        (b'{"a":1}', secret_text(bytes(SECRET_BYTES)), timedelta(minutes=6)),
    ],
    ids=["another body", "another secret", "too old"],
)
def test_a_receiver_refuses_what_was_not_signed_just_so(body: bytes, secret: str, age: timedelta) -> None:
    headers = webhook_headers(secret_text(bytes(SECRET_BYTES)), "msg_1", datetime.now(UTC) - age, b'{"a":1}')
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_a_receiver_takes_what_was() -> None:
    secret, body = secret_text(bytes(range(SECRET_BYTES))), '{"río":"Ñ"}'.encode()
    assert Webhook(secret).verify(body, webhook_headers(secret, "msg_1", datetime.now(UTC), body)) == {"río": "Ñ"}
