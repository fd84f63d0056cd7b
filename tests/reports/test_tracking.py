"""A tracking code is read by people, and guessed by nobody."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hydroalert.reports.tracking import code_from, digest_of

secrets = st.binary(min_size=32, max_size=32)


@given(secrets, secrets)
def test_codes_differ_where_their_first_hundred_bits_do(one: bytes, other: bytes) -> None:
    same = int.from_bytes(one[:13], "big") >> 4 == int.from_bytes(other[:13], "big") >> 4
    assert (code_from(one) == code_from(other)) is same


@given(secrets)
def test_a_code_is_twenty_signs_in_groups_none_of_which_looks_like_another(secret: bytes) -> None:
    groups = code_from(secret).split("-")
    assert [len(group) for group in groups] == [5, 5, 5, 5]
    assert not set("".join(groups)) & set("ILOU")


@given(secrets, st.data())
def test_a_code_is_known_however_it_is_written(secret: bytes, data: st.DataObject) -> None:
    code = code_from(secret)
    looks_like = {"0": "0oO", "1": "1iIlL", "-": ["-", " ", ""]}
    written = "".join(data.draw(st.sampled_from(list(looks_like.get(sign, sign + sign.lower())))) for sign in code)
    assert digest_of(f" {written} ") == digest_of(code)


@given(secrets, st.integers(0, 22), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_sign_is_another_code(secret: bytes, at: int, sign: str) -> None:
    code = code_from(secret)
    assume(code[at] not in {"-", sign})
    assert digest_of(code[:at] + sign + code[at + 1 :]) != digest_of(code)


@pytest.mark.parametrize("garbage", ["", "-", "\x00", "é" * 100, "\ud800", "' OR 1=1 --"])
def test_what_is_no_code_costs_the_same_and_is_nobodys(garbage: str) -> None:
    assert len(digest_of(garbage)) == 32
