"""Addresses: which can be notified, what is shown of them, and what is said of those that cannot."""

import pytest

from hydroalert.domain.errors import InvalidInput
from hydroalert.wire.addresses import parse_address

TOKEN = "s3cr3tT0ken9"
KEY = bytes(32)


@pytest.mark.parametrize(
    ("url", "kind", "shown"),
    [
        (f"https://siren.example.org/{TOKEN}", "webhook", "https://siren.example.org/…"),
        (f"https://bob:{TOKEN}@siren.example.org:8443/?key={TOKEN}", "webhook", "https://siren.example.org:8443"),
        ("http://[fd00::7]:80/", "webhook", "http://[fd00::7]:80"),
        ("http://10.0.0.7", "webhook", "http://10.0.0.7"),
        (
            f"mailtos://bob:{TOKEN}@example.org?to=a@example.org",
            "apprise",
            "mailtos://bob:****@example.org/a%40example.org",
        ),
        (f"ntfy://ntfy.sh/{TOKEN}", "apprise", "ntfy://ntfy.sh"),
        (f"json://bob:{TOKEN}@example.org/{TOKEN}?+X-Key={TOKEN}", "apprise", "json://bob:****@example.org"),
        (f"tgram://123456789:{TOKEN}_abcdefghij/12315544/", "apprise", "tgram://1...j"),
    ],
)
def test_what_is_shown_of_an_address_tells_where_it_is_and_no_secret(url: str, kind: str, shown: str) -> None:
    address = parse_address(url, KEY)
    assert (address.kind, address.shown, address.url) == (kind, shown, url)
    assert (address.secret is not None) == (kind == "webhook")


@pytest.mark.parametrize(
    "url",
    [
        "",
        TOKEN,
        f"gopher://{TOKEN}",
        f"https:///{TOKEN}",
        f"https://example.org:99999/{TOKEN}",
        f"https://example.org/{TOKEN}#part",
        f"https://[::1/{TOKEN}",
        f"mailto://{TOKEN}",
        f"https://example.org/ {TOKEN}",
        f"https://example.org/{TOKEN}\r\nX: y",
        f"https://example.org/{TOKEN}" + "x" * 2000,
    ],
)
def test_what_cannot_be_notified_is_refused_with_what_to_write_and_without_repeating_it(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidInput, match=r"write|at most") as refused:
        parse_address(url, KEY)
    assert TOKEN not in str(refused.value)
    assert TOKEN not in "".join(capfd.readouterr())
