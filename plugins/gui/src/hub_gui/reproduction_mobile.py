"""How Mobile-Agent-v3 is reproduced, for `hub reproduce mobile-agent-v3`: its training on forms and on the phone, and its order of roles.

The paper's models have 7 and 32 billion parameters and act on Android devices and desktops; nothing of its published scores can be tested
here. What can be is whether its parts do what they are for.
"""

from __future__ import annotations

from typing import Any

import hub

REPLAY, NO_REPLAY, UNSCALED, IMITATION = "trpo", "trpo-no-replay", "trpo-unscaled", "imitation"
ALL_ROLES, NO_REFLECTOR, NO_MANAGER, NO_NOTETAKER, ALONE = "all-roles", "no-reflector", "no-manager", "no-notetaker", "worker-alone"
SEEDS = 5
NOTED, FEWER = 0.2, 0.1
"""Shares of the expert's traces with notes: with the fewer, hardly any attempt succeeds but by luck."""
EXPERT_STEPS = 2_400

IMPLEMENTED = (
    "Trajectory-aware relative policy optimisation, which the paper calls TRPO: rewards of 1 for success and -0.5 for malformed actions,"
    " one advantage for all steps of an attempt, past successes in place of failures where all attempts fail, steps weighed by the"
    " length of their attempt.",
    "The loop of Manager, Worker, Reflector and Notetaker over any chat model (agent mobile-agent-v3), on phones and desktops; in this"
    " table its roles are scripted and the Worker's hand slips, so it shows what their order is worth, and nothing of any model.",
)


def mobile_agent_v3() -> hub.Reproduction:
    """Return the paper's claims and the budget they can be tested under."""
    return hub.Reproduction(claims=_claims(), implemented=IMPLEMENTED, budgets={"small": small()})


def small() -> hub.Budget:
    """Return the budget for two cores."""
    return hub.Budget(
        summary="forms and the simulated phone, small policies, scripted roles; about half an hour of two cores",
        studies=(_forms("forms", NOTED), _forms("fewer-notes", FEWER), _phone(), _roles()),
        scaled_down=(
            "Policies of 54,000 and 74,000 parameters in place of GUI-Owl; forms and a simulated phone in place of AndroidWorld and"
            " OSWorld.",
            "Attempts are made by the newest policy, not by one that lags behind; group size 8, clip 0.2 and Adam's rates are ours.",
            "Roles are scripted from the environment's own solutions, and a press or a letter goes astray three times in ten.",
        ),
    )


def _forms(name: str, noted: float) -> hub.Study:
    imitated: dict[str, Any] = {"noted": noted, "deterministic": False}
    return hub.Study(
        name=name,
        title=f"Forms of eight screens: training on outcomes, after an expert who takes notes {noted:.0%} of the time",
        env="memo/Form-v0",
        tasks=({"screens": 8},) * SEEDS,
        episodes=500,
        curve="signal",
        entrants=(
            _trained(REPLAY, noted, {}, role="paper"),
            _trained(NO_REPLAY, noted, {"replay": False}),
            _trained(UNSCALED, noted, {"scaled": False}),
            hub.Entrant(agent="ui-s1-base", label=IMITATION, args=imitated, train_steps=EXPERT_STEPS),
            hub.Entrant(agent="random", role="null"),
        ),
    )


def _trained(label: str, noted: float, args: dict[str, Any], role: Any = "baseline") -> hub.Entrant:
    settings = {"noted": noted, "expert_steps": EXPERT_STEPS, **args}
    return hub.Entrant(agent="trpo-trajectory", label=label, args=settings, train_steps=60_000, role=role)


def _phone() -> hub.Study:
    expert = {"expert_steps": 200}
    return hub.Study(
        name="phone",
        title="Easy tasks on the simulated phone: training on outcomes alone",
        env="phonesim/Suite-v0",
        tasks=({"level": "easy", "screenshot": False},) * 3,
        episodes=100,
        entrants=(
            hub.Entrant(agent="pointer-trpo", label="pointer-trpo", args=expert, train_steps=8_000, role="paper"),
            hub.Entrant(agent="pointer-sft", label="pointer-imitation", args=expert, train_steps=200),
            hub.Entrant(agent="oracle", role="reference"),
            hub.Entrant(agent="gui-random", role="null"),
        ),
    )


def _roles() -> hub.Study:
    return hub.Study(
        name="roles",
        title="The whole phone suite: scripted roles, one hand that slips",
        env="phonesim/Suite-v0",
        tasks=({"screenshot": False},),
        episodes=200,
        entrants=(
            _scripted(ALL_ROLES, {}, role="paper"),
            _scripted(NO_REFLECTOR, {"reflector": False}),
            _scripted(NO_MANAGER, {"manager": False}),
            _scripted(NO_NOTETAKER, {"notetaker": False}),
            _scripted(ALONE, {"reflector": False, "manager": False, "notetaker": False}),
            hub.Entrant(agent="gui-noop", role="null"),
        ),
    )


def _scripted(label: str, args: dict[str, Any], role: Any = "baseline") -> hub.Entrant:
    return hub.Entrant(agent="mobile-agent-v3-scripted", label=label, args=args, role=role)


def _claims() -> tuple[hub.Claim, ...]:
    """Return what the paper says of its parts. Differences are in success."""
    return (
        *_of_training("forms", "on forms"),
        *_of_training("fewer-notes", "on forms after fewer notes"),
        _claim("(Not the paper's.) On forms training on outcomes adds 0.15 to imitation.", REPLAY, IMITATION, "forms", at_least=0.15),
        _claim("Training on outcomes improves on imitation, on the phone.", "pointer-trpo", "pointer-imitation", "phone"),
        _claim("A Reflector helps a Worker whose hand slips.", ALL_ROLES, NO_REFLECTOR, "roles"),
        _claim("A Manager that plans anew helps.", ALL_ROLES, NO_MANAGER, "roles"),
        _claim("A Notetaker helps.", ALL_ROLES, NO_NOTETAKER, "roles"),
        _claim("All roles together do better than a Worker alone.", ALL_ROLES, ALONE, "roles"),
    )


def _of_training(study: str, where: str) -> tuple[hub.Claim, ...]:
    return (
        _claim(f"Training on outcomes improves on imitation, {where}.", REPLAY, IMITATION, study),
        _claim(f"Replay of past successes helps, {where}.", REPLAY, NO_REPLAY, study),
        hub.Claim(
            text=f"Replay keeps more groups of attempts teaching something, averaged over training, {where}.",
            agent=REPLAY,
            over=(NO_REPLAY,),
            studies=(study,),
            measure="difference",
            quantity="curve",
        ),
        _claim(f"Weighing steps by the length of their attempt helps, {where}.", REPLAY, UNSCALED, study),
    )


def _claim(text: str, agent: str, over: str, study: str, *, at_least: float = 0.0) -> hub.Claim:
    return hub.Claim(text=text, agent=agent, over=(over,), studies=(study,), measure="difference", at_least=at_least)
