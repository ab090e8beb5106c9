"""What a plan did not need to know of the keys that it touches, and KMS looks at before it obeys. Reads alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconciler.apply.wire import DEFAULT_POLICY
from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.kms.parallel import each
from reconciler.kms.port import Kms
from reconciler.model.observed import Account, ObservedKey, ObservedState
from reconciler.plan.changes import Plan
from reconciler.workflow.rehearse.subjects import is_foreign, touched
from reconciler.workflow.session import Session

_THEIRS = "the policy of key {}, which is another account's, is taken to let the caller's account in"
_UNREAD = "key {} is taken to have AWS's default policy: its own may not be read"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was read, and what may not be."""

    observed: ObservedState
    unread: tuple[str, ...]
    """Sentences, without a full stop."""


def fill(session: Session, plan: Plan, observed: ObservedState) -> Filled:
    """`observed` with the policies of the keys that `plan` touches; grants were read where the plan changes some.

    Raises:
        KmsError: a target refused to be read, for another reason than that it may not be.
    """
    places = touched(plan, observed)
    targets, unread = dict(observed.targets), list[str]()
    for name, target in observed.targets.items():
        connection = session.connections[name]
        keys = [target.keys[place.key_id] for place in places if place.target == name and place.key_id in target.keys]
        reader = _Reader(connection.kms, target.account)
        found = each(reader.fill, keys, 1 if connection.immediate else session.parallelism)
        targets[name] = replace(target, keys={**target.keys, **{key.key_id: key for key, _ in found}})
        unread += [why for _, why in found if why]
    return Filled(ObservedState(targets), tuple(unread))


@dataclass(frozen=True, slots=True)
class _Reader:
    kms: Kms
    account: Account

    def fill(self, key: ObservedKey) -> tuple[ObservedKey, str]:
        """The key, and what of it may not be read, as a sentence; empty when all may."""
        if is_foreign(key, self.account):
            return key, _THEIRS.format(key.arn)
        if key.policy is not None:
            return key, ""
        try:
            answer = self.kms("GetKeyPolicy", {"KeyId": key.key_id, "PolicyName": DEFAULT_POLICY})
        except KmsError as error:
            if error.code not in codes.DENIED:
                raise
            return key, _UNREAD.format(key.key_id)
        return replace(key, policy=str(answer["Policy"])), ""
