"""AccessTests of a batch: what holds, and which wishes would break what holds. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.kit.diagnostics import Position
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.objects import field_at
from reconciler.model.accesstest import AccessTest
from reconciler.model.address import KEYS, Address
from reconciler.model.desired import DesiredState, ManagedKey
from reconciler.model.observed import ObservedState
from reconciler.plan.access.failure import RISK, Failure
from reconciler.plan.access.tests import failures
from reconciler.plan.changes import Change, Plan
from reconciler.plan.risk.guard import Refusal
from reconciler.plan.simulate import simulate
from reconciler.workflow.converge.verdicts import AccessTested, Facts
from reconciler.workflow.converge.wishes import Ref

_PLACE = re.compile(r"(?P<file>[A-Za-z]+/[^\s():]+):(?P<line>[0-9]{1,9})\b")


@dataclass(frozen=True, slots=True)
class Testing:
    """The tests of a batch, and what they are about."""

    desired: DesiredState
    plan: Plan
    observed: ObservedState
    documents: Mapping[str, Document]
    """By the file name in positions: what is told of a place names the field there."""
    tests: Mapping[Address, tuple[AccessTest, ...]] = field(init=False)

    def __post_init__(self) -> None:
        tests: defaultdict[Address, tuple[AccessTest, ...]] = defaultdict(tuple)
        for test in self.desired.tests:
            tests[test.key] += (test,)
        object.__setattr__(self, "tests", tests)

    def verdict(self, facts: Facts, owners: Mapping[str, Ref], ref: Ref) -> AccessTested:
        """What is to be said of the AccessTest `ref`, on keys as they are."""
        mine = [test for test in self.desired.tests if owners[test.position.file] == ref]
        found = failures(mine, self.observed, self.desired)
        return AccessTested(facts, len({test.key for test in mine}), tuple(self._told(one) for one in found))

    def broken(self, changes: tuple[Change, ...]) -> tuple[Refusal, ...]:
        """What holds now and would not hold any more once `changes`, which are one wish's, are made."""
        if not self.tests:
            return ()
        asked = [test for key in sorted(self._keys(changes)) for test in self.tests.get(key, ())]
        if not asked:
            return ()
        after = simulate(replace(self.plan, changes=tuple(self._with_keys(changes))), self.observed)
        found = failures(asked, after, self.desired, self.observed)
        return tuple(Refusal(one.key, RISK, self._told(one), None) for one in found)

    def _keys(self, changes: Iterable[Change]) -> set[Address]:
        """The keys that changes are of, or on."""
        touched = {change.address for change in changes}
        grants = (one.key for one in self.desired.grants if one.address in touched)
        aliases = (one.key for one in self.desired.aliases if one.address in touched)
        on = {key.address for key in (*grants, *aliases) if isinstance(key, ManagedKey)}
        return on | {address for address in touched if address.kind in KEYS}

    def _with_keys(self, changes: tuple[Change, ...]) -> Iterator[Change]:
        """`changes`, and those of keys without which they cannot be made."""
        needed = {address for change in changes for address in change.depends_on}
        needed -= {change.address for change in changes}
        yield from changes
        yield from (one for one in self.plan.effective if one.address in needed)

    def _told(self, failure: Failure) -> str:
        """A failure in one sentence; objects have no lines, so places are told by the names of fields."""
        return _PLACE.sub(self._field, failure.told)

    def _field(self, match: re.Match[str]) -> str:
        document = self.documents.get(match["file"])
        if document is None:
            return match[0]
        name = field_at(document.tree.value, Position(match["file"], int(match["line"])))
        return f"{name} of {document}" if document.kind is not ManifestKind.ACCESS_TEST else name
