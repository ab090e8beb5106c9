"""What is true of a key, as AccessTests: they pass as long as that stays true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.policy.access.record import Line, Record
from reconciler.policy.actions import PREFIX
from reconciler.policy.principals import NOBODYS_ACCOUNT, stranger
from reconciler.report.yaml.scalars import listed, mapped, text

MOST: Final = 200
"""Lines of one list, and principals of one line: the schema of an AccessTest."""
_HEAD: Final = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: AccessTest
metadata:
  name: {name}
spec:
  keyRef: {{name: {key}}}
"""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A key, and what is true of it."""

    title: str
    """What people call it."""
    name: str
    """What its manifest is called, or might be."""
    declared: bool
    """Whether it is a key of the stack, so that `name` is what its manifest is called."""
    account: str
    partition: str
    record: Record


def render(recorded: Recorded) -> str:
    """One AccessTest; several where one would have too many lines."""
    allowed = list(_chunks([part for line in recorded.record.allowed for part in _parts(line)]))
    denied = list(_chunks([part for line in recorded.record.denied for part in _parts(line)]))
    tests = []
    for number in range(max(len(allowed), len(denied))):
        suffix = f"-{number + 1}" if number else ""
        test = _HEAD.format(name=text(f"{recorded.name[:240]}-access{suffix}"), key=text(recorded.name))
        for field, chunks in (("mustAllow", allowed), ("mustDeny", denied)):
            if number < len(chunks):
                test += f"  {field}:\n" + "".join(_line(line, recorded) for line in chunks[number])
        tests.append(test)
    return _comments(recorded) + "---\n".join(tests)


def _comments(recorded: Recorded) -> str:
    told = [f"What is true of {recorded.title}."]
    if not recorded.declared:
        told.append("No key of the stack: adopt it, and put the name of its manifest into `keyRef`.")
    for line in recorded.record.left:
        names = ", ".join(_principal(name, recorded) for name in line.principals)
        actions = ", ".join(_actions(line, recorded.record))
        told.append(f"Left to IAM policies, so neither allowed nor denied: {names}: {actions}")
    return "".join(f"# {printable(one, limit=4000)}\n" for one in told)


def _line(line: Line, recorded: Recorded) -> str:
    fields = [
        f"principals: {listed(_principal(name, recorded) for name in line.principals)}",
        f"actions: {listed(_actions(line, recorded.record))}",
    ]
    had = line.circumstances
    fields += [f"context: {mapped(dict(had.context))}"] if had.context else []
    fields += [f"via: {text(had.via)}"] if had.via else []
    fields += [f"facts: {mapped(dict(had.facts))}"] if had.facts else []
    return "    - " + "\n      ".join(fields) + "\n"


def _principal(name: str, recorded: Recorded) -> str:
    """As manifests call it."""
    if name == stranger(recorded.partition):
        return "*"
    arn = Arn.parse(name)
    if arn is None or arn.service != "iam":
        return name
    if arn.resource == "root" and arn.account in (recorded.account, NOBODYS_ACCOUNT):
        return arn.account if arn.account == NOBODYS_ACCOUNT else "${aws:accountId}"
    own = (arn.partition, arn.account) == (recorded.partition, recorded.account)
    return arn.resource if own and arn.resource.startswith(("role/", "user/")) else name


def _actions(line: Line, record: Record) -> tuple[str, ...]:
    if line.actions == record.possible:
        return ("*",)
    return tuple(action.removeprefix(PREFIX) for action in line.actions)


def _parts(line: Line) -> Iterator[Line]:
    yield from (replace(line, principals=tuple(names)) for names in _chunks(line.principals))


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    yield from (items[start : start + MOST] for start in range(0, len(items), MOST))
