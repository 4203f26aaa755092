"""What papers about agents for screens claim, as `hub reproduce` judges it."""

from __future__ import annotations

import hub

FULL, EPS_0, EPS_INF, GAMMA_0 = "ui-s1", "ui-s1-eps-0", "ui-s1-eps-inf", "ui-s1-gamma-0"
NO_EPISODE, PAPER_EPISODE = "ui-s1-no-episode", "ui-s1-paper-episode"
SFT, OFFLINE = "ui-s1-sft", "ui-s1-offline"
PHONE, PHONE_SFT = "pointer-ui-s1", "pointer-sft"
"""Labels of UI-S1's entrants: gamma 0.5 and eps 1, or what the label says instead; and those of the learners on the phone."""
FORMS, ON_PHONE = "form", "phone"
"""Names of the studies."""


def ui_s1_claims() -> tuple[hub.Claim, ...]:
    """Return UI-S1's. Differences are in success; published ones in % points of SOP's task success rate, where nothing else is said."""
    return (
        _claim("Semi-online RL succeeds more often than SFT.", FULL, SFT, _points(6.7, "table 2: 16.0 and 9.3")),
        _claim("Semi-online RL succeeds more often than offline RL.", FULL, OFFLINE, _points(5.5, "table 2: 16.0 and 10.5")),
        _claim("Offline RL loses at most 0.05 to SFT.", OFFLINE, SFT, _points(1.2, "table 2: 10.5 and 9.3"), at_least=-0.05),
        _claim("SFT loses at most 0.05 to offline RL.", SFT, OFFLINE, _points(-1.2, "table 2: 9.3 and 10.5"), at_least=-0.05),
        _claim("Looking ahead helps: gamma 0.5 beats gamma 0.", FULL, GAMMA_0, _points(4.2, "table 7, eps 0: 15.4 and 11.2")),
        _claim("Patching helps: eps 1 beats eps 0.", FULL, EPS_0, _points(1.3, "ablation of eps: 16.3 and 15.0")),
        _claim("Patching without limit beats eps 1.", EPS_INF, FULL, _points(0.7, "ablation of eps: 17.0 and 16.3")),
        _claim(
            "The episode advantage helps.",
            FULL,
            NO_EPISODE,
            hub.Published(value=1.6, unit="% points of AndroidWorld success", where="figure 8: 30.4 and 28.8"),
        ),
        *_on_forms(),
        _claim("Semi-online RL succeeds more often than SFT, on the simulated phone.", PHONE, PHONE_SFT, study=ON_PHONE),
    )


def _on_forms() -> tuple[hub.Claim, ...]:
    """Claims of this project's about its forms, on which more can be won than on phones."""
    learners = (FULL, EPS_0, EPS_INF)
    return tuple(
        _claim(f"(Not the paper's.) On forms {learner} beats {other} by 0.3.", learner, other, at_least=0.3)
        for learner in learners
        for other in (SFT, OFFLINE)
    )


def _points(value: float, where: str) -> hub.Published:
    return hub.Published(value=value, unit="% points", where=where)


def _claim(
    text: str, agent: str, over: str, published: hub.Published | None = None, *, at_least: float = 0.0, study: str = FORMS
) -> hub.Claim:
    return hub.Claim(text=text, agent=agent, over=(over,), studies=(study,), measure="difference", at_least=at_least, published=published)
