"""What a check can say of its subject."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["passed", "failed", "not applicable"]


class FaultError(Exception):
    """The subject breaks its contract.

    Args:
        what: what was wrong.
        where: episode, step and key, as far as they are known.
        right: what would be right.
    """

    def __init__(self, what: str, *, where: str = "", right: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.right = what, where, right


class NotApplicableError(Exception):
    """The check has nothing to look at in this subject; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check's outcome: `advice` is set on a pass with a warning, or tells why a check was not applicable."""

    check: str
    state: State
    what: str = ""
    where: str = ""
    right: str = ""
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        return asdict(self)


def failed(check: str, fault: FaultError) -> Row:
    """Return the row of a check that found `fault`."""
    return Row(check=check, state="failed", what=fault.what, where=fault.where, right=fault.right)


def one_line(error: BaseException, limit: int = 300) -> str:
    """Return `Type: message` of an exception on one line."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
