"""Status bodies, judged by the vectors."""

from typing import Any

import pytest

from hydroalert.wire.status import read_status
from hydroalert.wire.strict_json import BadBody
from tests.contract.vectors import cases


@pytest.mark.parametrize("case", cases("status", "good"))
def test_a_good_status_says_what_its_vector_says(case: dict[str, Any]) -> None:
    status = read_status(bytes.fromhex(case["body"]))
    said = {"status": status.status, "session": status.session, "at": status.at}
    optional = {"firmware": status.firmware, "uptime_s": status.uptime_s}
    assert said | {name: value for name, value in optional.items() if value is not None} == case["result"]


@pytest.mark.parametrize("case", cases("status", "bad_body"))
def test_a_bad_status_is_a_bad_body(case: dict[str, Any]) -> None:
    with pytest.raises(BadBody):
        read_status(bytes.fromhex(case["body"]))
