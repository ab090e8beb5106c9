"""How long a user waits before anything happens."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.processes import BIN, best_of
from benchmarks.tables import table

_TIMES = 15
_QUICKSTART = Path(__file__).parent.parent / "examples" / "quickstart" / "keys.yaml"


def run() -> str:
    """`version` beside an empty Python; `validate` beside the two libraries that it cannot do without."""
    python, kmsctl = sys.executable, str(BIN / "kmsctl")
    empty = best_of(_TIMES, [python, "-c", "pass"])
    version = best_of(_TIMES, [kmsctl, "version"])
    libraries = best_of(_TIMES, [python, "-c", "import jsonschema, yaml"])
    validate = best_of(_TIMES, [kmsctl, "validate", "-f", str(_QUICKSTART)])
    rows = [
        ("`kmsctl version`", version * 1000, "`python -c pass`", empty * 1000, version / empty, 4.0),
        (
            "`kmsctl validate examples/quickstart`",
            validate * 1000,
            '`python -c "import jsonschema, yaml"`',
            libraries * 1000,
            validate / libraries,
            2.5,
        ),
    ]
    head = ("command", "ms", "beside", "ms", "ratio", "at most")
    return table(f"Start-up, best of {_TIMES}", head, rows)
