"""Asking Minari's server, in a process of its own: `python -m hub.datasets.asking list PREFIX` or `download NAME`.

The last line of standard output is the answer, one JSON document: `{"answer": ...}`, or `{"error": TEXT, "missing": BOOL}` where `missing`
says that a package is not installed. Everything else that is printed goes to standard error.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any


def asked(action: str, about: str) -> dict[str, Any]:
    """Do `action` and return the document."""
    try:
        import minari

        if action == "list":
            return {"answer": minari.list_remote_datasets(prefix=about or None, compatible_minari_version=True)}
        minari.download_dataset(about)
    except Exception as error:  # whatever Minari, its storage's client and the network raise
        return {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}", "missing": isinstance(error, ImportError)}
    return {"answer": about}


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        document = asked(*sys.argv[1:])
    print(json.dumps(document), flush=True)
