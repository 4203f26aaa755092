from hub_envs.catalogue import OSWORLD
from hub_envs.osworld.tasks import NAMES
from hub_gui import osworld


def test_the_protocol_judges_every_task_of_the_desktop():
    (protocol,) = osworld.hub_protocols()
    assert [task["task"] for task in protocol.tasks] == list(NAMES)
    assert protocol.env in {entry.id for entry in OSWORLD}
    assert list(protocol.metrics.items())[-1] == ("success", "last")
    assert protocol.metrics["invalid"] == "sum"


def test_environments_say_that_only_outcomes_repeat():
    (spec,) = osworld.hub_environments()
    assert (spec.deterministic, spec.model) == ("outcomes", "hub_envs:Solutions")
