"""The one way in which reports become JSON text, and the pieces that several of them share.

Reports are pure ASCII: what a terminal would obey, and every line separator, is written as an escape.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciler.kit.absent import ABSENT
from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import is_hidden
from reconciler.model.address import Address
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account

FORMAT_VERSION = 1
"""Of every JSON report. Fields may be added under the same version; it rises when one changes or goes."""

Json = dict[str, Any]


def document(kind: str, body: Json) -> str:
    """A whole report: `body` under its version and kind, indented, in the order given."""
    return dumped({"formatVersion": FORMAT_VERSION, "kind": kind, **body})


def dumped(body: Json) -> str:
    """`body` in a form that somebody else has laid down, indented, in the order given."""
    return json.dumps(body, indent=2, allow_nan=False) + "\n"


def readable(value: Any) -> str:
    """`value` indented, in the letters in which people wrote it; what a terminal would obey is an escape here too."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(json.dumps(each)[1:-1] if is_hidden(each) and each != "\n" else each for each in text) + "\n"


def line(body: Json) -> str:
    """One record on one line, for JSON Lines."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False) + "\n"


def resource(of: Address) -> Json:
    """An address, taken apart."""
    return {"kind": str(of.kind), "name": of.name, "target": of.target}


def position(of: Position | None) -> Json | None:
    """A place in a file, or null."""
    return None if of is None else {"file": of.file, "line": of.line, "column": of.column}


def instant(of: datetime | None) -> str | None:
    """An instant as ISO 8601, or null."""
    return None if of is None else of.isoformat()


def targets(accounts: Mapping[TargetName, Account]) -> list[Json]:
    """The accounts of a run, by the target's name."""
    return [
        {
            "name": name,
            "accountId": account.account_id,
            "region": account.region,
            "partition": account.partition,
            "callerArn": account.caller_arn,
        }
        for name, account in sorted(accounts.items())
    ]


def present(values: Json) -> Json:
    """`values` without those that are `ABSENT`: absent is not null."""
    return {name: value for name, value in values.items() if value is not ABSENT}
