"""What authorisation knows beyond one call: the identities, how long grants take to be known, and what it remembers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from reconciler.engine.authz.principals import identity_policies
from reconciler.engine.caller import Caller
from reconciler.engine.identities import Identities, IdentitySource
from reconciler.engine.store.records import Key
from reconciler.policy.accepted import Document, read_key_policy
from reconciler.policy.evaluate import Controlled, Prepared, Requester, prepare

REMEMBERED: Final = 16_384
"""Prepared decisions kept, one for each requester, action and resource."""
POLICIES: Final = 1_024
"""Parsed key policies kept: most keys share theirs."""

_CUSTOMER: Final = "CUSTOMER"

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """What was worked out, by its question; what was not asked for long goes, and it never holds more than `most`.

    Two generations: what is used moves to the young one, and when that is half of `most` it becomes the old one, whose
    rest is forgotten. So it costs a lookup, and threads can share it without a lock: the worst is work done twice.
    """

    def __init__(self, most: int) -> None:
        self._half = max(most // 2, 1)
        self._young: dict[Hashable, Value] = {}
        self._old: dict[Hashable, Value] = {}

    def get(self, question: Hashable) -> Value | None:
        """The answer, or None when it is not remembered."""
        known = self._young.get(question)
        if known is None:
            known = self._old.get(question)
            if known is not None:
                self.put(question, known)
        return known

    def put(self, question: Hashable, answer: Value) -> None:
        """Remember `answer`."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[question] = answer

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())


@dataclass(slots=True)
class _Generation:
    """Identities, and what was prepared for them: together, so that no thread puts old decisions among new ones."""

    identities: Identities
    prepared: Memory[Prepared] = field(default_factory=lambda: Memory(REMEMBERED))


class Authority:
    """Decides for one engine."""

    def __init__(self, source: IdentitySource, consistency_delay: int = 0) -> None:
        """Take identities from `source`; a grant counts without its token after `consistency_delay` microseconds.

        So do the tags of a new key.
        """
        self._source = source
        self.consistency_delay = consistency_delay
        self._generation = _Generation(source.current())
        self._policies: Memory[Document] = Memory(POLICIES)

    def identities(self) -> Identities:
        """The identities of the moment."""
        return self._current().identities

    def _current(self) -> _Generation:
        """The identities of the moment, with what was prepared for them; what was prepared for others is dropped."""
        generation, identities = self._generation, self._source.current()
        if generation.identities is not identities:
            generation = self._generation = _Generation(identities)
        return generation

    def prepared_without_key(self, caller: Caller, action: str, resource: str) -> Prepared:
        """The decision for `caller` on what has no policy: `resource` is an alias of the caller's account, or `*`."""
        generation = self._current()
        prepared = generation.prepared
        policies = caller.session.policies if caller.session is not None else ()
        alike = (caller.principal, policies, action)
        known = prepared.get(alike) or prepared.get((alike, resource))
        if known is None:
            known = prepare(
                Requester.of(caller.principal),
                action,
                resource,
                key_account=caller.account,
                key_policy=None,
                identity=identity_policies(generation.identities, caller),
            )
            prepared.put(alike if known.any_resource else (alike, resource), known)
        return known

    def prepared(self, caller: Caller, action: str, key: Key) -> Prepared:
        """The decision for `caller`, who asks for `action` on `key`, as far as it needs no context of the request."""
        generation = self._current()
        prepared = generation.prepared
        policies = caller.session.policies if caller.session is not None else ()
        alike = (caller.principal, policies, action, key.account, key.policy, key.manager)
        known = prepared.get(alike) or prepared.get((alike, key.arn))
        if known is None:
            known = prepare(
                Requester.of(caller.principal),
                action,
                key.arn,
                key_account=key.account,
                key_policy=self._controlled(key, generation.identities),
                identity=identity_policies(generation.identities, caller),
            )
            prepared.put(alike if known.any_resource else (alike, key.arn), known)
        return known

    def _controlled(self, key: Key, identities: Identities) -> Document | Controlled:
        """The key's policy, and the resource control policies of its account: over keys of AWS there are none."""
        document = self.document(key.policy)
        control = identities.limits(key.account).resource_control if key.manager == _CUSTOMER else ()
        return Controlled(document, control) if control else document

    def document(self, text: str) -> Document:
        """The key policy in `text`; many keys share theirs."""
        known = self._policies.get(text)
        if known is None:
            known = read_key_policy(text)
            self._policies.put(text, known)
        return known
