"""What the paper claims, as `hub reproduce iplan` judges it, and what any reader must know beside it."""

from __future__ import annotations

import hub

_CHAOTIC, _MILD = "chaotic-released", "mild-released"
"""Studies in the traffic that the paper's numbers come from."""
_LONGER = "chaotic-released-longer"
"""The study of IPPO alone."""
_BRAKING = "chaotic-learnt"
"""The study of budget `braking`."""
_CTDE = ("mappo", "qmix")


def claims() -> tuple[hub.Claim, ...]:
    """Return all claims: the paper's, then those about its parts, then those about drivers that do not learn."""
    return (*_published(), *_parts(), *_trivial())


def _published() -> tuple[hub.Claim, ...]:
    long = "Trained as long as in the paper, in"
    return (
        _more("In chaotic traffic iPLAN earns 6.3 % more than IPPO.", ("ippo",), 0.063),
        _more("In chaotic traffic iPLAN earns 38.4 % more than the better of MAPPO and QMIX.", _CTDE, 0.384),
        _more(f"{long} chaotic traffic iPLAN earns 6.3 % more than IPPO.", ("ippo",), 0.063, f"{_CHAOTIC}-2m"),
        _more(f"{long} chaotic traffic iPLAN earns 38.4 % more than MAPPO and QMIX.", _CTDE, 0.384, f"{_CHAOTIC}-2m"),
        _more(f"{long} mild traffic iPLAN earns 12.7 % more than IPPO.", ("ippo",), 0.127, f"{_MILD}-2m"),
        _more(f"{long} mild traffic iPLAN earns 4.3 % more than MAPPO and QMIX.", _CTDE, 0.043, f"{_MILD}-2m"),
    )


def _parts() -> tuple[hub.Claim, ...]:
    return (
        _sign("Both latents together earn more than either alone.", "iplan", ("ippo-bm", "ippo-gat")),
        _sign("Soft updates of the behaviour latent earn more than hard ones.", "iplan", ("iplan-hard",)),
        _sign("A recurrent behaviour network earns more than a fully connected one.", "iplan", ("iplan-fc",)),
        _sign("Where drivers brake, iPLAN earns more than IPPO too.", "iplan", ("ippo",), _BRAKING),
    )


def _trivial() -> tuple[hub.Claim, ...]:
    return (
        _sign("IPPO learns: given time, it earns more than random and than idle driving.", "ippo", ("random", "idle"), _LONGER),
        _sign("(Not the paper's.) iPLAN earns more than a car that only slows down.", "iplan", ("slower",)),
        _sign("(Not the paper's.) Where drivers brake, iPLAN earns more than a car that only slows down.", "iplan", ("slower",), _BRAKING),
        _sign("(Not the paper's.) iPLAN earns more than a rule-based driver with the same five actions.", "iplan", ("idm-mobil",)),
    )


def _more(text: str, over: tuple[str, ...], share: float, study: str = _CHAOTIC) -> hub.Claim:
    """Claim a relative improvement that the paper prints."""
    published = hub.Published(value=100 * share, unit="% more episodic reward", where="abstract")
    return hub.Claim(text=text, agent="iplan", over=over, studies=(study,), at_least=share, published=published)


def _sign(text: str, agent: str, over: tuple[str, ...], study: str = _CHAOTIC) -> hub.Claim:
    """Claim a higher score of any size."""
    return hub.Claim(text=text, agent=agent, over=over, studies=(study,), measure="difference")
