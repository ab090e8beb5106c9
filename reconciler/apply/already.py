"""Calls that fail the second time because the first one worked.

Their answers may be lost, two applies may make the same change, and a plan may be applied again after a crash. Each
time the state that was wanted is there, and the refusal says only that. It is a success then, and only then.
"""

from __future__ import annotations

from typing import assert_never

from reconciler.apply.site import Site
from reconciler.apply.wait import LOST_ANSWER, Pause, Pausing
from reconciler.apply.wire import request
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms import codes
from reconciler.kms.paging import entries
from reconciler.model.keyspec import KeyState
from reconciler.plan.steps import CancelDeletion, CreateAlias, DeleteAlias, RevokeGrant, ScheduleDeletion

OnceOnly = CreateAlias | DeleteAlias | RevokeGrant | ScheduleDeletion | CancelDeletion

PENDING = frozenset({KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION})
"""States of a key whose deletion is scheduled."""

_CALLS = 3
_PAUSE = 2.0


def send_unless_already_so(step: OnceOnly, site: Site) -> Pausing[None]:
    """Make the step's call; a refusal because it is already so is a success.

    A lost answer is followed by the same call, a few times: its second effect is none.

    Raises:
        KmsctlError: the alias is another key's.
        KmsError: any other refusal.
    """
    left = _CALLS
    while True:
        left -= 1
        try:
            site.send(request(step, site.resolve))
            return
        except KmsError as error:
            if _already_so(step, error, site):
                return
            if not isinstance(error, AmbiguousOutcome) or not left or (yield Pause(_PAUSE, LOST_ANSWER)):
                raise


def _already_so(step: OnceOnly, error: KmsError, site: Site) -> bool:
    match step:
        case CreateAlias():
            return error.code == "AlreadyExistsException" and _points_to_our_key(step, error, site)
        case DeleteAlias() | RevokeGrant():
            return error.code == codes.GONE
        case ScheduleDeletion():
            return error.code == codes.INVALID_STATE and _state(site, site.resolve(step.key)) in PENDING
        case CancelDeletion():
            return error.code == codes.INVALID_STATE and _state(site, site.resolve(step.key)) not in PENDING
        case _:
            assert_never(step)


def _points_to_our_key(step: CreateAlias, error: KmsError, site: Site) -> bool:
    key = site.resolve(step.key)
    if any(entry["AliasName"] == step.alias for entry in entries(site.kms, "ListAliases", {"KeyId": key}, "Aliases")):
        return True
    raise KmsctlError(
        f"{step.alias} was meant for key {key} and points to {_holder(step, site)}",
        why=str(error),
        fix="plan again: the plan shows whose key it is and what can be done",
    ) from error


def _holder(step: CreateAlias, site: Site) -> str:
    try:
        metadata = site.kms("DescribeKey", {"KeyId": step.alias})["KeyMetadata"]
    except KmsError:
        return "a key that cannot be described"
    return f"key {metadata['KeyId']}"


def _state(site: Site, key: str) -> str:
    return str(site.kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"])
