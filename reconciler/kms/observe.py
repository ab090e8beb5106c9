"""Read everything of one account and Region that a plan needs, in as few calls as will do.

A sweep of all aliases, a sweep of the tagging index for the keys of the stack, a sweep of retirable grants where that
is cheaper than a list a key; then each key's description, and of its facets those that manifests declare. A thousand
keys with an alias, policy, tags, rotation and a grant each cost about three calls a key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.kms.decode import Pool
from reconciler.kms.parallel import each
from reconciler.kms.port import Kms
from reconciler.kms.read_key import MALFORMED, Grants, Unread, read_key
from reconciler.kms.retirable import principals_for, proven, worth_sweeping
from reconciler.kms.subjects import Role, Subject, Subjects, in_account, resolve
from reconciler.kms.sweeps import (
    Aliases,
    read_tags,
    sweep_aliases,
    sweep_keys,
    sweep_retirable,
    sweep_stores,
    sweep_tagged,
)
from reconciler.model.identifiers import KeyArn, KeyId
from reconciler.model.observed import Account, ObservedKey, ObservedTarget
from reconciler.model.ownership import STACK_TAG
from reconciler.model.scope import Scope, Wanted
from reconciler.model.stores import ObservedStore

INDEX_LAG = timedelta(minutes=15)
"""How new an alias must be for its key to be looked at although the tagging index does not list it: three times the
longest that KMS itself needs to become consistent."""


@dataclass(frozen=True, slots=True)
class Sweeps:
    """The lists of one account and Region, which every stack there can share."""

    aliases: Aliases
    tagged: Mapping[KeyArn, Mapping[str, str]]
    """The tags of the keys that have any stack's, or of those of one stack."""


def sweep(kms: Kms, *, parallelism: int = 8) -> Sweeps:
    """All aliases, and the keys of all stacks: what readings of several stacks begin with.

    Raises:
        KmsError: a list cannot be read.
    """
    lists: list[Callable[[], Any]] = [
        lambda: sweep_aliases(kms),
        lambda: sweep_tagged(kms, {STACK_TAG: ()}, Pool()),
    ]
    return Sweeps(*each(lambda read: read(), lists, parallelism))


def observe(
    kms: Kms, account: Account, scope: Scope, *, clock: Clock, parallelism: int = 8, sweeps: Sweeps | None = None
) -> ObservedTarget:
    """What `account` holds of the `scope`.

    Args:
        kms: where to read, with its throttling and retries already around it.
        account: whose it is, see `reconciler.kms.account.identify`.
        scope: what to read, see `reconciler.model.scope.scope_of`.
        clock: time, for the instant of the reading.
        parallelism: calls at once. 1 for a KMS in this process, where threads only cost.
        sweeps: lists that were read shortly before; what they cannot know yet is found by `scope.known`. None: read
            them now.

    Raises:
        KmsError: a key of the stack, or a list, cannot be read.
        KmsctlError: there is no way to ask, or an answer is not understood.
    """
    return _Reading(kms, account, scope, clock.now(), parallelism, sweeps).run()


@dataclass(frozen=True, slots=True)
class _Sweeps:
    aliases: Aliases
    tagged: Mapping[KeyArn, Mapping[str, str]]
    keys: list[KeyId]
    stores: Mapping[str, ObservedStore]


@dataclass(frozen=True, slots=True)
class _Reading:
    kms: Kms
    account: Account
    scope: Scope
    at: datetime
    parallelism: int
    swept: Sweeps | None = None
    pool: Pool = field(default_factory=Pool)

    def run(self) -> ObservedTarget:
        sweeps = self._sweep()
        subjects = self._subjects(sweeps)
        grants = self._retirable(subjects.sorted())

        def read(subject: Subject) -> ObservedKey | Unread | None:
            return read_key(self.kms, subject, self.pool, every_grant=self.scope.every_grant, grants=grants)

        found = each(read, subjects.sorted(), self.parallelism)
        keys = {key.key_id: key for key in found if isinstance(key, ObservedKey)}
        return ObservedTarget(
            self.account,
            self.at,
            {key_id: keys[key_id] for key_id in sorted(keys)},
            sweeps.aliases.of_customers(),
            sweeps.stores,
            {key.key: key.why for key in found if isinstance(key, Unread)},
        )

    def _sweep(self) -> _Sweeps:
        tags = {} if self.scope.everything else {STACK_TAG: [self.scope.stack]}
        sweeps: list[Callable[[], Any]] = [
            lambda: self.swept.aliases if self.swept else sweep_aliases(self.kms),
            lambda: self.swept.tagged if self.swept else sweep_tagged(self.kms, tags, self.pool),
            lambda: sweep_keys(self.kms) if self.scope.everything else [],
            lambda: sweep_stores(self.kms) if self.scope.stores else {},
        ]
        return _Sweeps(*each(lambda sweep: sweep(), sweeps, self.parallelism))

    def _subjects(self, sweeps: _Sweeps) -> Subjects:
        subjects = Subjects(self.account)
        tags = {key_id: sweeps.tagged[arn] for arn, key_id in in_account(sweeps.tagged, self.account)}
        for key_id, found in tags.items():
            subjects.add_owned(key_id, found, self.scope)
        self._add_unindexed(subjects, sweeps.aliases, tags.keys())
        self._add_named(subjects, sweeps.aliases)
        for key_id in sweeps.keys:
            subjects.add_unmanaged(key_id, tags.get(key_id, {}), self.scope.unmanaged)
        return subjects

    def _add_unindexed(self, subjects: Subjects, aliases: Aliases, indexed: Collection[KeyId]) -> None:
        """Keys of ours that the tagging index does not list yet. What is `indexed` is known.

        Those are keys that were seen before, which may be the successors of listed ones; and for names without any key,
        keys with new aliases. Without this, a plan right after an apply would create them once more.
        """
        missing = self.scope.keys.keys() - subjects.names()
        targets: set[KeyId | None] = {
            self.scope.known[name] for name in self.scope.keys.keys() & self.scope.known.keys()
        }
        if missing:
            since = self.at - INDEX_LAG
            targets |= {aliases.by_name[name].key_id for name, changed in aliases.changed.items() if changed >= since}
        if missing & self.scope.search:
            targets |= set(sweep_keys(self.kms))
        unknown = sorted(key for key in targets if key and key not in subjects.by_key and key not in indexed)
        for key, tags in zip(unknown, each(self._tags_of, unknown, self.parallelism), strict=True):
            subjects.add_owned(key, tags, self.scope)

    def _tags_of(self, key: KeyId) -> Mapping[str, str]:
        try:
            return read_tags(self.kms, key, self.pool)
        except KmsError as error:
            if error.code == codes.GONE or error.code in codes.DENIED | MALFORMED:
                return {}
            raise

    def _add_named(self, subjects: Subjects, aliases: Aliases) -> None:
        for reference, wanted in self.scope.external.items():
            key = resolve(reference, aliases, self.account)
            if key is not None:
                subjects.add_named(key, wanted)
        for alias in self.scope.aliases & aliases.by_name.keys():
            key_id = aliases.by_name[alias].key_id
            if key_id and key_id not in subjects.by_key:
                subjects.add_named(key_id, Wanted())
        adopted = subjects.names()
        for name, tags in self.scope.adopt_tags.items():
            if tags and name not in adopted:
                asked = {tag: [value] if value else [] for tag, value in tags.items()}
                found = sweep_tagged(self.kms, asked, self.pool)
                for _, key_id in in_account(found, self.account):
                    subjects.add_named(key_id, self.scope.keys[name])

    def _retirable(self, subjects: list[Subject]) -> Grants:
        """Grants of the keys for which a few lists of retirable grants show them all."""
        if self.scope.every_grant:
            return {}
        candidates, declared = {}, {}
        for subject in subjects:
            principals = principals_for(subject.wanted, subject.tags or {}, self.account)
            if subject.role is Role.OWNED and principals:
                key_id = KeyId(subject.key)
                candidates[key_id] = principals
                declared[key_id] = tuple(subject.wanted.grants)
        budgets = list(worth_sweeping(candidates).items())
        lists = each(
            lambda budget: sweep_retirable(self.kms, budget[0], budget[1], self.pool), budgets, self.parallelism
        )
        swept = {principal: found for (principal, _), found in zip(budgets, lists, strict=True) if found is not None}
        return proven(candidates, swept, declared, self.scope.stack)
