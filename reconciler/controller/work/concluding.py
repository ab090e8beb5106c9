"""What a verdict means for the object's health, and what its status shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, assert_never

from reconciler.apply.newborn import NEWBORN_WINDOW
from reconciler.controller.health.deeds import deed_of
from reconciler.controller.health.events import Deed
from reconciler.controller.health.failures import FailureKind, classify
from reconciler.controller.health.reasons import EventReason, Reason
from reconciler.controller.health.states import (
    AccessTestFailed,
    AccessTestPassed,
    Drifted,
    Failing,
    Forbidden,
    InSync,
    Invalid,
    Refused,
    State,
    Stuck,
    Unusable,
    UnusableReason,
    Waiting,
    Working,
    state_of_blocked,
    state_of_error,
)
from reconciler.controller.health.wording import clipped
from reconciler.controller.objects.seen import ID_FIELDS, ON_KEYS, Seen
from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.manifest.documents import KEY_KINDS, Document, ManifestKind
from reconciler.model.address import KEYS
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedKey
from reconciler.model.stores import Connection
from reconciler.plan.changes import Action, Change
from reconciler.workflow.converge import verdicts
from reconciler.workflow.converge.verdicts import Facts, Verdict

_UNUSABLE: Final[Mapping[KeyState, UnusableReason]] = {
    KeyState.CREATING: Reason.CREATING,
    KeyState.UPDATING: Reason.UPDATING,
    KeyState.PENDING_IMPORT: Reason.PENDING_IMPORT,
    KeyState.PENDING_DELETION: Reason.PENDING_DELETION,
    KeyState.PENDING_REPLICA_DELETION: Reason.PENDING_REPLICA_DELETION,
    KeyState.UNAVAILABLE: Reason.UNAVAILABLE,
}
"""States in which a key serves nobody although its manifest is met. Disabled is not one: it was declared, or left to
others."""


def state_of(verdict: Verdict, now: datetime | None = None) -> State:
    """The state of an object that is to be as it says.

    With `now`, what is denied on a key that was made a moment ago is not yet taken for a permission that is missing.
    """
    match verdict:
        case verdicts.Met(facts):
            return _met(facts)
        case verdicts.AccessTested(_, keys, failures):
            return _tested(keys, failures)
        case verdicts.Differs(_, changes):
            return Drifted(drift_of(changes))
        case verdicts.Unsettled():
            return Working("changed; waiting for the KMS to show it")
        case verdicts.Refused(_, refusals):
            return Refused(refusals)
        case verdicts.Blocked(_, change):
            return state_of_blocked(change)
        case verdicts.Forbidden(_, why):
            return Forbidden(Reason.NOT_YOURS, why)
        case verdicts.Waits(_, on):
            return Waiting(Reason.REFERENCE_NOT_READY, on)
        case verdicts.Failed(error, facts):
            return _denied_on_newborn(error, facts, now) or state_of_error(error)
        case verdicts.Faulty(diagnostics):
            return Invalid(diagnostics)
        case _:
            assert_never(verdict)


def _denied_on_newborn(error: Exception, facts: Facts | None, now: datetime | None) -> Failing | None:
    """What is denied on a key for as long as its tags and grants may not count yet; see `apply.newborn`."""
    key = facts.key if facts is not None else None
    if now is None or key is None or not isinstance(error, KmsError) or error.code not in codes.DENIED:
        return None
    window = timedelta(seconds=NEWBORN_WINDOW)
    if abs(now - key.created) >= window:  # far ahead of us, KMS's clock says nothing of how new it is
        return None
    until = key.created + window
    failure = classify(error)
    told = f"{failure.message}; tags and grants of the new key may not count yet: asked again until {until:%H:%M:%SZ}"
    return Failing(replace(failure, kind=FailureKind.TRANSIENT, message=clipped(told)))


def _tested(keys: int, failures: tuple[str, ...]) -> AccessTestPassed | AccessTestFailed:
    if not failures:
        how_many = "1 key" if keys == 1 else f"{keys} keys"
        return AccessTestPassed(f"all that it expects is true of {how_many}")
    more = f"{len(failures)} failures, first: " if len(failures) > 1 else ""
    return AccessTestFailed(more + failures[0])


def _met(facts: Facts) -> State:
    if facts.undeclared:
        return Drifted(tuple(f"aliases[{name}]" for name in facts.undeclared))
    if facts.store is not None and facts.store.connection is not Connection.CONNECTED:
        connecting = facts.store.connection is Connection.CONNECTING
        return Unusable(Reason.CONNECTING if connecting else Reason.DISCONNECTED, facts.store.error)
    key = facts.key
    if key is not None and key.state in _UNUSABLE:
        until = f"it will be deleted on {key.deletion_date:%Y-%m-%d}" if key.deletion_date else ""
        return Unusable(_UNUSABLE[key.state], until)
    return InSync()


def deeds_of(seen: Seen, verdict: Verdict | None, *, doubtful: bool = False) -> list[Deed]:
    """What was done for an object, as it is told.

    Args:
        seen: the object as it was before.
        verdict: what came of it; None where nothing was looked at.
        doubtful: whether a replica before this one may have made its key and could not note it.
    """
    done = verdict.done if isinstance(verdict, verdicts.Met | verdicts.Unsettled | verdicts.Failed) else ()
    key = verdict.facts.key if isinstance(verdict, verdicts.Met) else None
    told = (
        deed_of(
            change,
            resource_id=key.key_id if key and change.address.kind in KEYS else None,
            correcting=seen.synced_before and not seen.deleting,
        )
        for change in done
    )
    deeds = [*_taken_up(seen, verdict, done, doubtful=doubtful), *(deed for deed in told if deed is not None)]
    if key is not None and key.deletion_date is not None and seen.deleting:
        when = f" for {key.deletion_date:%Y-%m-%d}"
        return [
            replace(deed, detail=deed.detail + when) if deed.reason is EventReason.DELETION_SCHEDULED else deed
            for deed in deeds
        ]
    return deeds


_COMING: Final = frozenset({Action.CREATE, Action.ADOPT, Action.REPLACE, Action.CANCEL_DELETION})
"""Actions that tell by themselves how an object came to what it stands for."""


def _taken_up(seen: Seen, verdict: Verdict | None, done: Sequence[Change], *, doubtful: bool) -> Iterator[Deed]:
    """Of an object that is new, or lost its status: that what it stands for was there, or was made a moment ago.

    Of a key that is told even where not all of what was to follow came about: its id is noted now.
    """
    told = verdicts.Met | verdicts.Unsettled | verdicts.Failed if seen.kind in KEY_KINDS else verdicts.Met
    if not isinstance(verdict, told) or seen.deleting or seen.sound is None or seen.resource_id is not None:
        return
    facts = verdict.facts or Facts()
    name = ID_FIELDS.get(seen.kind)
    found = _shown(seen.sound, facts).get(name) if name else None
    if not found or any(str(change.address.kind) == seen.ref.kind and change.action in _COMING for change in done):
        return
    unnoted = doubtful or bool(seen.conditions) or not isinstance(verdict, verdicts.Met)  # else its status was lost
    if seen.kind in KEY_KINDS and facts.key and _is_younger(facts.key, seen) and unnoted:
        yield Deed(EventReason.CREATED, f"created {seen.ref.kind} {found}")
    else:
        yield Deed(EventReason.ADOPTED, f"took up {seen.ref.kind} {found}, which was there")


def _is_younger(key: ObservedKey, seen: Seen) -> bool:
    """Whether the key was made for this very object; a new object of a name finds an older key."""
    return bool(seen.created) and f"{key.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" >= seen.created


def drift_of(changes: tuple[Change, ...]) -> tuple[str, ...]:
    """The fields that differ, as paths in the manifest; what is missing altogether by its address."""
    fields: dict[str, None] = {}
    for change in changes:
        paths = [field.path for field in change.fields if not field.cosmetic]
        for path in paths or [str(change.address)]:
            fields[path] = None
    return tuple(fields)


def status_of(seen: Seen, verdict: Verdict | None, state: State) -> dict[str, Any]:
    """What the status shows beside its conditions: what was seen now, or else what was known before.

    `syncedGeneration`, that of the policy and the key's id are all that the operator reads again: what differs after it
    was brought about once is drift. All else only tells, and is no worse for being lost.
    """
    before = {name: value for name, value in seen.status.items() if name in _SHOWN[seen.kind]}
    if isinstance(verdict, verdicts.AccessTested):
        told = [clipped(failure) for failure in verdict.failures[:_MOST_FAILURES]]
        return {"keys": verdict.keys, **({"failures": told} if told else {})}
    facts = getattr(verdict, "facts", None)
    document = seen.sound
    if facts is None or facts.account is None or document is None:
        shown = before
    else:
        shown = {name: value for name, value in _shown(document, facts).items() if value not in (None, "", [])}
    synced = {name: seen.status[name] for name in _SYNCED if name in seen.status}
    if isinstance(state, InSync | Unusable) or (isinstance(state, Drifted) and isinstance(verdict, verdicts.Met)):
        found = (seen.generation, seen.policy_generation, shown.get("keyId") if seen.kind in ON_KEYS else None)
        synced = {name: value for name, value in zip(_SYNCED, found, strict=True) if value is not None}
    drift = list(state.fields) if isinstance(state, Drifted) else None
    if isinstance(state, Failing | Stuck | Waiting | Working):
        drift = seen.status.get("drift")
    return {
        **shown,
        **({"drift": drift} if drift else {}),
        **synced,
    }


_MOST_FAILURES: Final = 20
_SYNCED: Final = ("syncedGeneration", "syncedPolicyGeneration", "syncedKeyId")
_OF_KEY: Final = frozenset(
    {
        "accountId",
        "aliases",
        "arn",
        "deletionDate",
        "keyId",
        "keySpec",
        "keyUsage",
        "primaryRegion",
        "region",
        "rotation",
        "state",
    }
)
_SHOWN: Final[Mapping[ManifestKind, frozenset[str]]] = {
    ManifestKind.KEY: _OF_KEY,
    ManifestKind.REPLICA_KEY: _OF_KEY,
    ManifestKind.ALIAS: frozenset({"aliasName", "keyId", "arn"}),
    ManifestKind.GRANT: frozenset({"grantId", "keyId"}),
    ManifestKind.CUSTOM_KEY_STORE: frozenset({"storeId", "connectionState"}),
    ManifestKind.KEY_POLICY: frozenset({"users"}),
    ManifestKind.ACCESS_TEST: frozenset({"keys", "failures"}),
    ManifestKind.TARGET: frozenset({"accountId", "region", "partition", "callerArn", "keys"}),
}


def _shown(document: Document, facts: Facts) -> dict[str, Any]:
    match document.kind:
        case ManifestKind.KEY | ManifestKind.REPLICA_KEY:
            return _key(document, facts, facts.key) if facts.key else {}
        case ManifestKind.ALIAS:
            return _alias(document, facts)
        case ManifestKind.GRANT:
            return {"grantId": facts.grant_id, "keyId": facts.key.key_id if facts.key else None}
        case ManifestKind.CUSTOM_KEY_STORE:
            store = facts.store
            return {"storeId": store.store_id, "connectionState": str(store.connection)} if store else {}
        case ManifestKind.KEY_POLICY | ManifestKind.TARGET | ManifestKind.ACCESS_TEST:
            return {}
        case _:
            assert_never(document.kind)


def _alias(document: Document, facts: Facts) -> dict[str, Any]:
    name = f"alias/{document.spec['name'].removeprefix('alias/')}"
    account = facts.account
    if facts.key is None or account is None:
        return {"aliasName": name}
    arn = f"arn:{account.partition}:kms:{account.region}:{account.account_id}:{name}"
    return {"aliasName": name, "keyId": facts.key.key_id, "arn": arn}


def _key(document: Document, facts: Facts, key: ObservedKey) -> dict[str, Any]:
    account = facts.account
    return {
        "keyId": key.key_id,
        "arn": key.arn,
        "state": str(key.state),
        "keySpec": str(key.key_spec),
        "keyUsage": str(key.key_usage),
        "rotation": _rotation(document, key),
        "aliases": list(facts.aliases),
        "deletionDate": f"{key.deletion_date:%Y-%m-%dT%H:%M:%SZ}" if key.deletion_date else None,
        "accountId": account.account_id if account else None,
        "region": account.region if account else None,
        "primaryRegion": key.regions.primary if key.regions else None,
    }


def _rotation(document: Document, key: ObservedKey) -> str:
    """In a word: how the key rotates."""
    declared = document.spec.get("rotation", {})
    if "manual" in declared:
        return f"manual {declared['manual']['everyDays']}d"
    if "onDemand" in declared:
        return f"on-demand {declared['onDemand']['serial']}"
    if key.rotation is None:
        return ""
    return f"{key.rotation.period}d" if key.rotation.enabled and key.rotation.period else "off"
