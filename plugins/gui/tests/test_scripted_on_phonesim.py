"""Mobile-Agent-v3's scripted roles on the simulated phone."""

import pytest
from gymnasium.error import DependencyNotInstalled
from hub_envs.phonesim import chromium
from hub_gui.agents.oracle import Oracle
from hub_gui.mobile_agent.scripted.agent import MobileAgentV3Scripted

import hub

pytestmark = pytest.mark.browser


def chromium_is_there() -> bool:
    try:
        chromium.find()
    except DependencyNotInstalled:
        return False
    return True


@pytest.mark.skipif(not chromium_is_there(), reason="needs Debian's chromium")
def test_roles_that_never_slip_solve_tasks_and_forget_without_notes():
    """The address is in a message, and is wanted in another app."""
    task = hub.describe("phonesim/Suite-v0", {"task": "AddressFromMessage", "screenshot": False})

    def score(agent: hub.Agent) -> float:
        (episode,) = hub.evaluate(agent, episodes=1).episodes
        return episode.return_

    assert score(Oracle(task)) == 1.0
    assert score(MobileAgentV3Scripted(task, corruption=0.0)) == 1.0
    assert score(MobileAgentV3Scripted(task, corruption=0.0, notetaker=False)) < 1.0
