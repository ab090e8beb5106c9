"""The one way in which texts get into a workflow command: what a line of a job's log may tell the runner to do.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, and what the runner takes
back, `packages/core/src/command.ts` of actions/toolkit.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kit.printable import printable

_LIMIT = 2_000


def command(name: str, message: str, properties: Mapping[str, str]) -> str:
    """One line: `::error file=keys.yaml,line=3::message`. A newline in `message` becomes one of the annotation."""
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    lines = "%0A".join(_data(line) for line in message.split("\n"))
    return f"::{name}{f' {told}' if told else ''}::{lines}\n"


def _data(text: str) -> str:
    return printable(text, limit=_LIMIT).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
