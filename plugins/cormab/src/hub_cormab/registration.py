"""What this plugin registers with hub: descriptions only; no agent and no environment is imported."""

from __future__ import annotations

from hub_envs.catalogue import CORMAB

import hub

_PAPER = "sequoia"
_DEEP = "gymhub-cormab[deep]"
_WHITTLE = "gymhub-cormab[whittle]"
_RANDOM = "random-feasible"
_OPEN_RANDOM = "open-random"

_AGENTS = (
    # name, entry point, requirement, the paper whose agent or baseline it is, summary
    ("sequoia", "sequoia:Sequoia", None, _PAPER, "Q-network whose best joint action is found exactly, by table or integer program"),
    ("null", "baselines.null:Null", None, _PAPER, "pulls nothing"),
    (_RANDOM, "baselines.random_feasible:RandomFeasible", None, _PAPER, "fills the action in random order until nothing more fits"),
    ("sampling", "baselines.sampling:Sampling", None, _PAPER, "best expected next reward among 100 random feasible actions"),
    ("myopic", "baselines.myopic:Myopic", None, _PAPER, "best expected next reward among all feasible actions, exactly"),
    (
        "iterative-myopic",
        "baselines.iterative_myopic:IterativeMyopic",
        None,
        _PAPER,
        "adds the pull that raises the expected next reward most",
    ),
    ("iterative-dqn", "baselines.iterative_dqn:IterativeDQN", None, _PAPER, "Q-network whose action is built pull by pull"),
    ("maskable-ppo", "baselines.maskable_ppo:MaskablePPOAgent", _DEEP, None, "sb3-contrib's PPO with masks, action built pull by pull"),
    (
        "price-policy",
        "baselines.price_policy:PricePolicy",
        None,
        None,
        "prices of pulls from the Lagrangian dual, then the best feasible action",
    ),
    ("whittle", "baselines.whittle:Whittle", _WHITTLE, None, "Whittle indices, then the feasible action of greatest total index"),
    ("shared-index", "generalise.shared_index:SharedIndex", None, None, "one network for all arms of all instances, trained once"),
    ("open-price", "generalise.open_price:OpenPrice", None, None, "solves each instance it meets: exact values of arms at one price"),
    ("open-myopic", "generalise.open_myopic:OpenMyopic", None, None, "best expected next reward in whatever instance it meets, exactly"),
    (_OPEN_RANDOM, "generalise.open_random:OpenRandom", None, None, "fills the action in random order in whatever instance it meets"),
)

_SIZES = {
    "Matching": {"arms": 20, "budget": 5},
    "Capacity": {"arms": 20, "budget": 5},
    "Path": {"arms": 20, "budget": 5},
    "Interventions": {"arms": 20, "interventions": 10, "budget": 5},
}
"""The paper's smallest instances."""

_POPULATIONS = ((10, 40), (41, 99), (100, 200))
"""Fewest and most arms of the open populations that are judged; all have 200 places, so that one policy fits all."""


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the coupled bandits of `hub_envs`."""
    return [
        hub.EnvironmentSpec(
            id=entry.id,
            entry_point=entry.entry_point,
            vector_entry_point=entry.vector_entry_point,
            model=entry.model,
            requires=entry.requires,
            summary=entry.summary,
        )
        for entry in CORMAB
    ]


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register SEQUOIA, the baselines of its paper, and two planners and a deep learner that the paper lacks."""
    return [
        hub.AgentSpec(name=name, entry_point=f"hub_cormab.{entry_point}", requires=requires, paper=paper, summary=summary)
        for name, entry_point, requires, paper, summary in _AGENTS
    ]


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register a protocol for each coupling: twenty instances of the paper's smallest size, scored by the mean expected reward of a step.

    A forbidden action plays as the zero action, and each result counts an episode's forbidden actions. hub's `random` draws from the whole
    action space, so nearly all of its actions are forbidden; `random-feasible` is the paper's random agent.

    And one for each open population: three ranges of sizes, where every episode is an instance that was never seen before.
    """
    return [
        hub.ProtocolSpec(
            name=f"cormab-{coupling.lower()}",
            version=1,
            env=f"cormab/{coupling}-v0",
            tasks=tuple({"instance": instance, **size} for instance in range(20)),
            episodes=50,
            metric="expected_reward",
            metrics={"expected_reward": "mean", "infeasible": "sum"},
            upper_bound="hub_cormab.fluid_bound:fluid_bound",
            null_agents=("null", _RANDOM),
        )
        for coupling, size in _SIZES.items()
    ] + [
        hub.ProtocolSpec(
            name=f"cormab-open-{coupling.lower()}",
            version=1,
            env=f"cormab/Open{coupling}-v0",
            tasks=tuple({"min_arms": fewest, "max_arms": most, "places": 200} for fewest, most in _POPULATIONS),
            episodes=50,
            metric="expected_reward",
            metrics={"expected_reward": "mean", "infeasible": "sum"},
            null_agents=(_OPEN_RANDOM,),
        )
        for coupling in ("Matching", "Capacity")
    ]


@hub.hookimpl
def hub_papers() -> list[hub.PaperSpec]:
    """Register the paper."""
    return [
        hub.PaperSpec(
            name=_PAPER,
            title="Reinforcement learning with combinatorial actions for coupled restless bandits",
            authors="Lily Xu, Bryan Wilder, Elias B. Khalil, Milind Tambe",
            year=2025,
            url="https://arxiv.org/abs/2503.01919",
            claims=("SEQUOIA beats existing methods by 24.8 % on average over four coupled restless bandit problems.",),
            reproduction="hub_cormab.reproduction:reproduction",
        )
    ]
