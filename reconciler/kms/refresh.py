"""Lists of a whole account brought up to what a few calls have changed, by asking after no more than that.

Whoever made the calls knows what they were about. What others did meanwhile is seen when the lists are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.kms.decode import Pool
from reconciler.kms.observe import Sweeps
from reconciler.kms.parallel import each
from reconciler.kms.port import Kms
from reconciler.kms.sweeps import ALIAS_PAGE, MOST_VALUES, TAGGED_PAGE, Aliases, sweep_aliases, sweep_tagged
from reconciler.model.identifiers import AliasName, KeyId
from reconciler.model.observed import ObservedAlias
from reconciler.model.ownership import NAME_TAG, STACK_TAG


@dataclass(frozen=True, slots=True)
class Touched:
    """What calls may have changed since lists were read."""

    names: frozenset[str] = frozenset()
    """Of keys of one stack that were made, or whose tags were written."""
    keys: frozenset[KeyId] = frozenset()
    """That aliases may have come to, or left."""
    aliases: Mapping[AliasName, KeyId | None] = field(default_factory=dict)
    """Where KMS has put an alias, as it said; None where it has deleted it."""

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.names | other.names, self.keys | other.keys, {**self.aliases, **other.aliases})


def is_worth_it(lists: Sweeps, touched: Touched) -> bool:
    """Whether `refreshed` takes fewer calls than reading the lists again."""
    again = _pages(len(lists.aliases.by_name), ALIAS_PAGE) + _pages(len(lists.tagged), TAGGED_PAGE)
    return len(touched.keys) + _pages(len(touched.names), MOST_VALUES) < again


def refreshed(kms: Kms, lists: Sweeps, touched: Touched, stack: str, *, parallelism: int = 8) -> Sweeps:
    """`lists`, with what is `touched` as it is now.

    Args:
        kms: the account and Region of the lists.
        lists: as they were read; they stay as they are.
        touched: keys and names of keys, of which some may be gone.
        stack: whose names they are.
        parallelism: calls at once.

    Raises:
        KmsError: a list cannot be read.
    """
    keys, names = sorted(touched.keys), sorted(touched.names)
    filters = [names[start : start + MOST_VALUES] for start in range(0, len(names), MOST_VALUES)]
    wanted: list[Callable[[], Any]] = [
        *(partial(_aliases_of, kms, key) for key in keys),
        *(partial(sweep_tagged, kms, {STACK_TAG: [stack], NAME_TAG: some}, Pool()) for some in filters),
    ]
    found = each(lambda read: read(), wanted, parallelism)
    tagged = {
        arn: its
        for arn, its in lists.tagged.items()
        if its.get(STACK_TAG) != stack or its.get(NAME_TAG) not in touched.names
    }
    for more in found[len(keys) :]:
        tagged |= more
    return Sweeps(_with(lists.aliases, touched, found[: len(keys)]), tagged)


def _pages(entries: int, page: int) -> int:
    return -(-entries // page)


def _aliases_of(kms: Kms, key: KeyId) -> Aliases:
    try:
        return sweep_aliases(kms, key)
    except KmsError as error:
        if error.code != codes.GONE:
            raise
        return Aliases({}, {})


def _with(aliases: Aliases, touched: Touched, found: list[Aliases]) -> Aliases:
    """`aliases`, but those that were put somewhere as they are since, and those of touched keys as `found`."""
    left = {
        name for name, alias in aliases.by_name.items() if alias.key_id not in touched.keys
    } - touched.aliases.keys()
    by_name = {name: alias for name, alias in aliases.by_name.items() if name in left}
    by_name |= {name: ObservedAlias(name, key) for name, key in touched.aliases.items() if key is not None}
    changed = {name: date for name, date in aliases.changed.items() if name in left}
    for more in found:
        by_name |= more.by_name
        changed |= more.changed
    return Aliases(by_name, changed)
