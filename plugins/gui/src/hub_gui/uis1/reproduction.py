"""How UI-S1 is reproduced: its table on forms that only notes can fill in, for `hub reproduce ui-s1`.

The paper trains models of 7 billion parameters on 32 GPUs. Here a policy of 40,000 learns memo's forms, which leave out all that makes
screens hard to see and keep what the paper is about: whether a policy that was trained on a history of somebody else's outputs can act on
its own.
"""

from __future__ import annotations

import hub

SEEDS = 5
EPISODES = 500

IMPLEMENTED = (
    "Semi-online rollouts on expert traces with the patch module (thought-free), returns cut at mismatches, step and episode advantages,
    the filter of" " traces without spread, the clipped surrogate with a divergence from the policy that training began with.", "The
    episode advantage as the released code computes it (`code`) and as the paper's text does (`paper`), which differ.", "Rewards with the
    paper's constants; the released code's are an option.", "The same algorithm for Hugging Face checkpoints: `python -m hub_gui.uis1
    train`. The SOP metric on AndroidControl's traces: `androidcontrol-sop`.",
)


def reproduction() -> hub.Reproduction:
    """Return the paper's claims and the budget they can be tested under."""
    return hub.Reproduction(claims=claims(), implemented=IMPLEMENTED, budgets={"small": small()})


def small() -> hub.Budget:
    """Return the budget for two cores."""
    return hub.Budget(
        summary=f"memo's forms, nine learners, {SEEDS} training seeds, 2,000 expert traces each; about ten minutes on two cores",
        studies=(
            hub.Study(
                name="form",
                title="Forms that only notes can fill in",
                env="memo/Form-v0",
                tasks=({},) * SEEDS,
                episodes=EPISODES,
                entrants=entrants(),
            ),
        ),
        scaled_down=(
            "A recurrent policy of 40,000 parameters, trained for seconds, in place of Qwen2.5-VL on 32 GPUs; a form of five screens of a
            few numbers" " each in place of a telephone.", "eta is 0.01 instead of 0.3, and without meaning where gamma is 0, where all
            traces take part; Adam at 1e-3 instead of 1e-6.", "Learners are judged in the environment, by whole episodes, which here is the
            same as SOP on held-out traces: there is one right action" " a step, and a wrong one ends the episode.",
        ),
    )


def entrants() -> tuple[hub.Entrant, ...]:
    """Return the rows of the table."""
    return (
        _semi_online("gamma .5, eps 1", {}),
        _semi_online("gamma .5, eps 0", {"eps": 0}),
        _semi_online("gamma .5, eps inf", {"eps": None}),
        _semi_online("gamma 0, eps 1", {"gamma": 0.0, "eta": None}),
        _semi_online("no episode advantage", {"episode_mode": "none"}),
        _semi_online("episode advantage as in the paper", {"episode_mode": "paper"}),
        hub.Entrant(agent="ui-s1-base", label="base"),
        hub.Entrant(agent="ui-s1-sft", label="SFT"),
        hub.Entrant(agent="ui-s1-offline", label="offline RL"),
        hub.Entrant(agent="random", role="null"),
    )


def _semi_online(label: str, args: dict[str, object]) -> hub.Entrant:
    return hub.Entrant(agent="ui-s1", label=label, args=args, role="paper")


def claims() -> tuple[hub.Claim, ...]:
    """Return what is judged. Differences are in success; a published number in percent points of SOP's task success rate (TSR)."""
    best = "gamma .5, eps 1"
    return (
        _claim("Semi-online RL succeeds more often than SFT.", best, "SFT", 0.0, _points(6.7, "table 2: TSR 16.0 against 9.3")),
        _claim("Semi-online RL succeeds more often than offline RL.", best, "offline RL", 0.0, _points(5.5, "table 2: TSR 16.0 against
        10.5")), _claim("(Not the paper's number.) On forms semi-online RL succeeds at least 0.3 more often than SFT.", best, "SFT", 0.3),
        _claim("(Not the paper's number.) On forms semi-online RL succeeds at least 0.3 more often than offline RL.", best, "offline RL",
        0.3), _claim("Offline RL is not worse than SFT by more than 0.05.", "offline RL", "SFT", -0.05, _points(1.2, "table 2: TSR 10.5
        against 9.3")), _claim("SFT is not worse than offline RL by more than 0.05.", "SFT", "offline RL", -0.05, _points(-1.2, "table 2:
        TSR 9.3 against 10.5")), _claim("Looking ahead helps: gamma 0.5 is better than gamma 0.", best, "gamma 0, eps 1", 0.0, _points(4.2,
        "table 7: TSR 15.4 against 11.2")), _claim("Patching helps: eps 1 is better than eps 0.", best, "gamma .5, eps 0", 0.0,
        _points(1.3, "patch ablation: TSR 16.3 against 15.0")), _claim("Patching without limit is better than eps 1.", "gamma .5, eps inf",
        best, 0.0, _points(0.7, "patch ablation: TSR 17.0 against 16.3")), _claim(
            "The episode advantage helps.",
            best,
            "no episode advantage",
            0.0,
            hub.Published(value=1.6, unit="% points of AndroidWorld success", where="figure 8: 30.4 against 28.8"),
        ),
    )


def _points(value: float, where: str) -> hub.Published:
    return hub.Published(value=value, unit="% points", where=where)


def _claim(text: str, agent: str, over: str, at_least: float, published: hub.Published | None = None) -> hub.Claim:
    return hub.Claim(text=text, agent=agent, over=(over,), measure="difference", at_least=at_least, published=published)
