import pytest
from hub_envs.catalogue import OSWORLD
from hub_envs.osworld.tasks import NAMES
from hub_gui import osworld
from hub_gui.agents.oracle import Oracle
from hub_gui.agents.trivial import GuiNoop

from hub.environments import describe
from hub.errors import ImpossiblePairing


def test_the_protocol_judges_every_task_of_the_desktop():
    (protocol,) = osworld.hub_protocols()
    assert [task["task"] for task in protocol.tasks] == list(NAMES)
    assert protocol.env in {entry.id for entry in OSWORLD}
    assert list(protocol.metrics.items())[-1] == ("success", "last")
    assert protocol.metrics["invalid"] == "sum"


def test_environments_say_that_only_outcomes_repeat():
    (spec,) = osworld.hub_environments()
    assert (spec.deterministic, spec.model) == ("outcomes", "hub_envs:Solutions")


def test_tasks_from_elsewhere_have_no_solutions_and_are_played_all_the_same():
    task = {"id": "mine", "instruction": "Do it.", "config": [], "evaluator": {"func": "infeasible"}}
    told = describe("osworld/Desktop-v0", {"task": task, "provider": "http://127.0.0.1:9"})
    assert GuiNoop(told).task is told
    with pytest.raises(ImpossiblePairing, match="does not give as it is made"):
        Oracle(told)
