"""Checks of an agent's settings; what is out of range is answered with what would be right."""

from __future__ import annotations

from hub.errors import UsageError


def require_positive(agent: str, **values: float) -> None:
    """Raise `UsageError` unless every value is greater than 0."""
    for key, value in values.items():
        if not value > 0:
            raise UsageError(f"{key} of agent {agent} cannot be {value}: give a number greater than 0")


def require_shares(agent: str, **values: float) -> None:
    """Raise `UsageError` unless every value lies in [0, 1]."""
    for key, value in values.items():
        if not 0 <= value <= 1:
            raise UsageError(f"{key} of agent {agent} cannot be {value}: give a number from 0 to 1")
