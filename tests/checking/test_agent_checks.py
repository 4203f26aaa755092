"""Faulty agents are caught by the check that is meant for them; a correct one passes."""

from __future__ import annotations

import pytest
from faulty_agents import CATALOGUE, open_subject

from hub.checking.subjects import Plan
from hub.checking.suites import run_check, run_checks, suite

PLAN = Plan(steps=60)


@pytest.mark.parametrize("faulty", CATALOGUE, ids=lambda faulty: faulty.kind.__name__)
def test_the_expected_check_catches_the_fault(faulty):
    subject = open_subject(PLAN, name=faulty.kind.__name__)
    check = next(check for check in suite(subject) if check.__name__ == faulty.check)
    row = run_check(check, subject)
    assert row.state == "failed"
    assert row.what
    assert row.right


def test_the_correct_agent_passes_everything():
    subject = open_subject(PLAN, name="Linear")
    assert [row for row in run_checks(subject, suite(subject)) if row.state != "passed"] == []
