"""The process in which checks run: `python -m hub.checking.child checks|digests`, with a job as JSON on standard input.

It writes one JSON object a line to standard output: `{"checks": [NAME, ...]}`, then `{"begin": NAME}` before a check, `{"row": {...}}`
after it and `{"done": true}` at the end, or `{"error": MESSAGE, "exit_code": N}` when the subject cannot even be opened. Whatever the
subject prints goes to standard error.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from hub.errors import HubError

Tell = Callable[[Mapping[str, Any]], None]


def main(mode: str) -> None:
    """Read a job and do it."""
    faulthandler.enable()
    tell = _take_standard_output()
    job = json.load(sys.stdin)
    try:
        if mode == "digests":
            _tell_digests(job, tell)
        else:
            _tell_checks(job, tell)
    except HubError as error:
        tell({"error": str(error), "exit_code": error.exit_code})
    else:
        tell({"done": True})


def _tell_checks(job: Mapping[str, Any], tell: Tell) -> None:
    from hub.checking.opening import open_job
    from hub.checking.suites import name_of, run_checks, suite

    subject = open_job(job)
    checks = suite(subject)
    tell({"checks": [name_of(check) for check in checks]})
    for row in run_checks(subject, checks, skip=job["skip"], begin=lambda name: tell({"begin": name})):
        tell({"row": row.as_json()})


def _tell_digests(job: Mapping[str, Any], tell: Tell) -> None:
    from hub.checking.opening import open_job

    tell({"digests": open_job(job).digests()})


def _take_standard_output() -> Tell:
    """Keep standard output for the reports and hand the subject standard error in its place."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(message: Mapping[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    return tell


if __name__ == "__main__":
    main(sys.argv[1])
