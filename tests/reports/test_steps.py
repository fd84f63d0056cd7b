"""The table of who may lead a report where, cell by cell."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hydroalert.domain.actors import Role
from hydroalert.domain.errors import Conflicting, HydroAlertError, InvalidInput, NotAllowed
from hydroalert.domain.reports import STEPS, State
from hydroalert.reports.steps import DECIDED, Decider, Decision, check_decision, check_step, stepped, steps_of
from tests.reports.planting import NOON, report

# Who may take each step, written out: a change of the table must be made here too.
OPERATORS = """
submitted under_review, under_review submitted, under_review verified, under_review rejected, under_review duplicate,
verified resolved
"""
ADMINISTRATORS = "verified under_review, rejected under_review, duplicate under_review, resolved under_review"


def cells(text: str) -> set[tuple[State, State]]:
    pairs = (pair.split() for pair in text.replace("\n", " ").split(","))
    return {(State(start), State(to)) for start, to in pairs}


ALLOWED = {
    Role.VIEWER: set[tuple[State, State]](),
    Role.OPERATOR: cells(OPERATORS),
    Role.ADMIN: cells(OPERATORS) | cells(ADMINISTRATORS),
}


def decision(to: State, reason: str = "seen on the bridge's camera") -> Decision:
    return Decision(1, to, reason, uuid4() if to is State.DUPLICATE else None)


@pytest.mark.parametrize(("start", "to", "role"), [*product(State, State, Role)])
def test_a_step_is_taken_by_whom_the_table_names_and_by_nobody_else(start: State, to: State, role: Role) -> None:
    refused: type[HydroAlertError] | None = None
    try:
        check_step(report(state=start), decision(to), role)
    except HydroAlertError as error:
        refused = type(error)
    expected = None if (start, to) in ALLOWED[role] else NotAllowed if (start, to) in STEPS else Conflicting
    assert refused is expected
    assert (to in steps_of(start, role)) == (refused is None)


@pytest.mark.parametrize(("start", "to"), [*STEPS])
def test_only_beginning_and_being_done_need_no_reason(start: State, to: State) -> None:
    needs_none = (start, to) in {(State.SUBMITTED, State.UNDER_REVIEW), (State.VERIFIED, State.RESOLVED)}
    try:
        check_step(report(state=start), decision(to, reason=" "), Role.ADMIN)
    except InvalidInput:
        assert not needs_none
    else:
        assert needs_none


def test_what_was_taken_back_is_not_verified() -> None:
    taken_back = report(state=State.UNDER_REVIEW, withdrawn_at=NOON)
    with pytest.raises(Conflicting, match="took it back"):
        check_step(taken_back, decision(State.VERIFIED), Role.OPERATOR)
    check_step(taken_back, decision(State.REJECTED), Role.OPERATOR)


@pytest.mark.parametrize("wrong", [Decision(1, State.DUPLICATE, "x"), Decision(1, State.VERIFIED, "x", uuid4())])
def test_a_duplicate_names_its_original_and_nothing_else_does(wrong: Decision) -> None:
    with pytest.raises(InvalidInput):
        check_decision(wrong)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(State), max_size=12))
def test_on_every_way_through_the_table_times_and_states_agree(way: list[State]) -> None:
    now, one = NOON, report(contact_until=NOON + timedelta(days=365))
    for to in way:
        if (one.state, to) not in STEPS:
            continue
        now += timedelta(minutes=7)
        before, one = one, stepped(one, decision(to), Decider("ada", Role.ADMIN, now, timedelta(days=30)))
        assert (one.decided_at is not None) == (one.state in DECIDED | {State.RESOLVED})
        assert (one.resolved_at is not None) == (one.state is State.RESOLVED)
        assert (one.duplicate_of is not None) == (one.state is State.DUPLICATE)
        assert before.reviewed_at in (None, one.reviewed_at)
        assert one.reviewed_at is not None
        assert one.contact_until is not None
        assert one.contact_until <= (now + timedelta(days=30) if to in DECIDED else NOON + timedelta(days=365))
