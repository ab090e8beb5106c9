"""What a plan did not need to know of the keys that it touches, and KMS looks at before it obeys. Reads alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from reconciler.apply.wire import DEFAULT_POLICY
from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.kms.decode import Pool, decode_grant
from reconciler.kms.paging import entries
from reconciler.kms.parallel import each
from reconciler.kms.port import Kms
from reconciler.kms.sweeps import GRANT_PAGE
from reconciler.model.identifiers import KeyId
from reconciler.model.observed import Account, ObservedKey, ObservedState
from reconciler.plan.changes import Plan
from reconciler.plan.steps import CreateGrant, ExistingKey, RevokeGrant
from reconciler.workflow.rehearse.subjects import is_foreign, key_id_of, touched
from reconciler.workflow.session import Session


@dataclass(frozen=True, slots=True)
class Filled:
    """What was read, and what may not be."""

    observed: ObservedState
    unread: tuple[str, ...]
    """Sentences, without a full stop."""


def fill(session: Session, plan: Plan, observed: ObservedState) -> Filled:
    """`observed` with the policies of the keys that `plan` touches, and the grants where it changes some.

    Raises:
        KmsError: a target refused to be read, for another reason than that it may not be.
    """
    granted = _granted(plan)
    places = touched(plan, observed)
    targets, unread = dict(observed.targets), list[str]()
    for name, target in observed.targets.items():
        connection = session.connections[name]
        keys = [target.keys[place.key_id] for place in places if place.target == name and place.key_id in target.keys]
        reader = _Reader(connection.kms, target.account, granted)
        found = each(reader.fill, keys, 1 if connection.immediate else session.parallelism)
        targets[name] = replace(target, keys={**target.keys, **{key.key_id: key for key, _ in found}})
        unread += [why for _, why in found if why]
    return Filled(ObservedState(targets), tuple(unread))


def _granted(plan: Plan) -> frozenset[KeyId]:
    """The keys whose grants change."""
    steps = (step for _, step in plan.steps() if isinstance(step, CreateGrant | RevokeGrant))
    return frozenset(key_id_of(step.key) for step in steps if isinstance(step.key, ExistingKey))


@dataclass(frozen=True, slots=True)
class _Reader:
    kms: Kms
    account: Account
    granted: frozenset[KeyId]

    def fill(self, key: ObservedKey) -> tuple[ObservedKey, str]:
        """The key, and what of it may not be read, as a sentence; empty when all may."""
        if is_foreign(key, self.account):
            return (
                key,
                f"the policy of key {key.arn}, which is another account's, is taken to let the caller's account in",
            )
        try:
            return self._read(key), ""
        except KmsError as error:
            if error.code not in codes.DENIED:
                raise
            return (
                key,
                f"key {key.key_id} is taken to have AWS's default policy: its own, or its grants, may not be read",
            )

    def _read(self, key: ObservedKey) -> ObservedKey:
        changes: dict[str, Any] = {}
        if key.policy is None:
            asked = {"KeyId": key.key_id, "PolicyName": DEFAULT_POLICY}
            changes["policy"] = str(self.kms("GetKeyPolicy", asked)["Policy"])
        if key.grants is None and key.key_id in self.granted:
            listed = entries(self.kms, "ListGrants", {"KeyId": key.key_id, "Limit": GRANT_PAGE}, "Grants")
            pool = Pool()
            changes["grants"] = tuple(decode_grant(entry, pool) for entry in listed)
        return replace(key, **changes)
