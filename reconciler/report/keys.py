"""The state of keys: what `kmsctl show` tells of a reading."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import Account, ObservedKey, ObservedState, ObservedTarget
from reconciler.model.ownership import Ownership
from reconciler.report.words import plural


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key with everything that was read of it."""

    target: TargetName
    owner: Ownership | None
    """None when it is of no stack."""
    key: ObservedKey
    aliases: tuple[AliasName, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyList:
    """Keys, sorted by target, stack, name, generation and id; those of no stack last."""

    stack: str
    accounts: Mapping[TargetName, Account]
    rows: tuple[KeyRow, ...] = ()


def keys_of(observed: ObservedState, stack: str, *, everyones: bool = False) -> KeyList:
    """The keys of `stack`, or with `everyones` all that were read and are not managed by AWS."""
    rows = [
        row
        for name, target in observed.targets.items()
        for row in _rows(name, target)
        if everyones or (row.owner is not None and row.owner.stack == stack)
    ]
    accounts = {name: target.account for name, target in observed.targets.items()}
    return KeyList(stack, accounts, tuple(sorted(rows, key=_order)))


def _rows(name: TargetName, target: ObservedTarget) -> Iterator[KeyRow]:
    aliases: defaultdict[KeyId, list[AliasName]] = defaultdict(list)
    for alias in target.aliases.values():
        if alias.key_id is not None:
            aliases[alias.key_id].append(alias.name)
    for key in target.keys.values():
        if not key.aws_managed:
            yield KeyRow(name, Ownership.of(key.tags), key, tuple(sorted(aliases[key.key_id])))


def _order(row: KeyRow) -> tuple[object, ...]:
    owner = row.owner or Ownership("", "", 0)
    return row.target, row.owner is None, owner, row.key.key_id


HEAD = ("NAME", "KEY", "STATE", "SPEC", "ROTATION", "GRANTS", "ALIASES", "CREATED")
"""The columns of `cells`."""


def cells(row: KeyRow, stack: str) -> tuple[str, ...]:
    """`row` as a line of a table, not escaped; what was not read is a dash."""
    key = row.key
    return (
        _called(row, stack),
        key.key_id,
        f"{key.state} {key.deletion_date:%Y-%m-%d}" if key.deletion_date else str(key.state),
        _spec(key),
        _rotation(key),
        "-" if key.grants is None else str(len(key.grants)),
        ", ".join(row.aliases) or "-",
        f"{key.created:%Y-%m-%d}",
    )


def summary(keys: KeyList) -> str:
    """One line: `3 keys.`, or `3 keys: 2 enabled, 1 pending deletion.` when not all can be used."""
    counts = Counter(str(row.key.state) for row in keys.rows)
    total = plural(len(keys.rows), "key")
    if not counts.keys() - {KeyState.ENABLED}:
        return f"{total}."
    if len(counts) == 1:
        return f"{total}, {'all ' * (len(keys.rows) > 1)}{spoken_state(*counts)}."
    states = ", ".join(f"{counts[state]} {spoken_state(state)}" for state in KeyState if counts[state])
    return f"{total}: {states}."


def spoken_state(state: str) -> str:
    """`PendingDeletion` as `pending deletion`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", state).lower()


def _called(row: KeyRow, stack: str) -> str:
    if row.owner is None:
        return "-"
    name = row.owner.name + (f"@{row.target}" if row.target else "")
    generation = f" #{row.owner.generation}" if row.owner.generation > 1 else ""
    return name + generation + (f" (stack {row.owner.stack})" if row.owner.stack != stack else "")


def _spec(key: ObservedKey) -> str:
    """`SYMMETRIC_DEFAULT`, and of a multi-Region key whether it is the primary."""
    if key.regions is None:
        return str(key.key_spec)
    return f"{key.key_spec} ({'replica' if key.is_replica else 'primary'})"


def _rotation(key: ObservedKey) -> str:
    if key.rotation is None:
        return "-"
    if not key.rotation.enabled:
        return "off"
    return f"{key.rotation.period} days" if key.rotation.period else "on"
