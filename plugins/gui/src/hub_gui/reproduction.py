"""How UI-S1 is reproduced: its table on forms that only notes can fill in, for `hub reproduce ui-s1`.

The paper trains models of 7 billion parameters on 32 GPUs. Here a policy of 54,000 learns memo's forms, which leave out all that makes
screens hard to see and keep what the paper is about: whether a policy that learned on somebody else's history can act on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import hub
from hub_gui.claims import (
    EPS_0,
    EPS_INF,
    FORMS,
    FULL,
    GAMMA_0,
    NO_EPISODE,
    OFFLINE,
    ON_PHONE,
    PAPER_EPISODE,
    PHONE,
    PHONE_SFT,
    SFT,
    ui_s1_claims,
)

SEEDS = 5
EPISODES = 500

IMPLEMENTED = (
    "Semi-online rollouts on expert traces with the patch module (thought-free), returns cut at mismatches, step and episode advantages,"
    " the filter of traces without spread, the clipped surrogate, the divergence from the policy that training began with.",
    "The episode advantage as the released code computes it, and as the paper's text does; the two differ.",
    "Rewards with the paper's constants; the released code's are an option.",
    "The same algorithm for Hugging Face checkpoints, `python -m hub_gui.uis1 train`, and the SOP metric on AndroidControl's traces,"
    " `androidcontrol-sop`; neither is part of this table.",
)


def ui_s1() -> hub.Reproduction:
    """Return the paper's claims and the budget they can be tested under."""
    return hub.Reproduction(claims=ui_s1_claims(), implemented=IMPLEMENTED, budgets={"small": small()})


def small() -> hub.Budget:
    """Return the budget for two cores."""
    return hub.Budget(
        summary=f"memo's forms and the simulated phone, {SEEDS} and 3 training seeds; about a quarter of an hour of one core",
        studies=(
            hub.Study(
                name=FORMS,
                title="Forms that only notes can fill in",
                env="memo/Form-v0",
                tasks=({},) * SEEDS,
                episodes=EPISODES,
                entrants=entrants(),
            ),
            on_phone(),
        ),
        scaled_down=(
            "A recurrent policy of 54,000 parameters in place of Qwen2.5-VL; forms of five screens, a few numbers each, in place of a"
            " phone; seconds of training in place of 32 GPUs.",
            "eta is 0.01 instead of 0.3; where gamma is 0 all traces take part, since no first screen is hard. Adam at 5e-4 instead of"
            " 1e-6.",
            "What all begin with is made, not found: imitation of an expert who takes notes in a fifth of the traces. A third was tried"
            " first, at twice the step size: offline RL then wandered, in most seeds, to taking notes and to success of 0.4 to 0.8. Gaps of"
            " this size depend on that choice; their direction did not.",
            "Learners are judged by whole episodes in the environment. Here that is SOP on held-out traces: each step has one right action,"
            " and a wrong one ends the episode.",
        ),
    )


def on_phone() -> hub.Study:
    """Return the study in which an expert's traces come from the simulated phone, and agents are judged on it."""
    return hub.Study(
        name=ON_PHONE,
        title="Easy tasks on the simulated phone, after about forty traces of an expert",
        env="phonesim/Suite-v0",
        tasks=({"level": "easy", "screenshot": False},) * 3,
        episodes=100,
        entrants=(
            hub.Entrant(agent="pointer-ui-s1", label=PHONE, args={"expert_steps": 200}, train_steps=200, role="paper"),
            hub.Entrant(agent="pointer-sft", label=PHONE_SFT, args={"expert_steps": 200}, train_steps=200),
            hub.Entrant(agent="gui-random", role="null"),
        ),
    )


def entrants() -> tuple[hub.Entrant, ...]:
    """Return the rows of the table."""
    return (
        _semi_online(FULL, {}),
        _semi_online(EPS_0, {"eps": 0}),
        _semi_online(EPS_INF, {"eps": None}),
        _semi_online(GAMMA_0, {"gamma": 0.0, "eta": None}),
        _semi_online(NO_EPISODE, {"episode_mode": "none"}),
        _semi_online(PAPER_EPISODE, {"episode_mode": "paper"}),
        hub.Entrant(agent="ui-s1-base", label="base"),
        hub.Entrant(agent="ui-s1-sft", label=SFT),
        hub.Entrant(agent="ui-s1-offline", label=OFFLINE),
        hub.Entrant(agent="random", role="null"),
    )


def _semi_online(label: str, args: Mapping[str, Any]) -> hub.Entrant:
    return hub.Entrant(agent="ui-s1", label=label, args=args, role="paper")
