"""The catalogues of faults are packages of their own; `hub check` finds them as it finds anybody's package."""

from __future__ import annotations

import sys
from pathlib import Path

FIXTURES = str(Path(__file__).parents[1] / "fixtures")

if FIXTURES not in sys.path:
    sys.path.insert(0, FIXTURES)
