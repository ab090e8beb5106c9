"""What becomes of a resource when its object goes. Pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.controller.health.events import Deed
from reconciler.controller.health.reasons import EventReason, Reason
from reconciler.controller.health.states import (
    Blocked,
    Deleting,
    DeletionRefused,
    Forbidden,
    Invalid,
    Refused,
    State,
    Waiting,
)
from reconciler.controller.health.telling import message_of
from reconciler.controller.objects.seen import Seen
from reconciler.controller.work.concluding import state_of
from reconciler.manifest.documents import KEY_KINDS, Document, ManifestKind
from reconciler.manifest.objects import read_object
from reconciler.manifest.schemas import API_VERSION
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.workflow.converge.verdicts import Met, Unsettled, Verdict


class Farewell(enum.StrEnum):
    """What is done at the end of an object."""

    RETAIN = "Retain"
    """Nothing is called: the resource stays as it is, and a new object of the name takes it up again."""
    END = "End"
    """A key's deletion is scheduled, an alias deleted, a grant revoked."""


def farewell_of(seen: Seen) -> Farewell:
    """Keys and aliases stay unless somebody says otherwise. A grant ends: nobody keeps access by an omission."""
    asked = seen.asked.deletion_policy
    match seen.kind:
        case ManifestKind.KEY | ManifestKind.REPLICA_KEY:
            document = seen.sound
            policy = asked or (document.spec.get("deletion", {}).get("policy", "Retain") if document else "Schedule")
            return Farewell.END if policy == "Schedule" else Farewell.RETAIN
        case ManifestKind.ALIAS:
            return Farewell.END if asked == "Delete" else Farewell.RETAIN
        case ManifestKind.GRANT:
            return Farewell.RETAIN if asked == "Retain" else Farewell.END
        case ManifestKind.CUSTOM_KEY_STORE | ManifestKind.KEY_POLICY | ManifestKind.TARGET | ManifestKind.ACCESS_TEST:
            return Farewell.RETAIN


def by_key_id(seen: Seen) -> Document | None:
    """An alias or a grant whose Key object is gone, with the key's id in its place; None where that is unknown."""
    document, key_id = seen.sound, seen.status.get("keyId")
    if document is None or not key_id:
        return None
    spec: dict[str, Any] = {name: value for name, value in document.spec.items() if name != "keyRef"}
    tree = replace(document.tree, value={**document.tree.value, "spec": {**spec, "key": key_id}})
    return replace(document, tree=tree)


def key_named(name: str, target: TargetName) -> Document:
    """The Key that an object on its way out calls `name` and nobody declares any more, on `target`.

    It says no more than that: enough to find the key by its tags, and with it what was made on it.
    """
    where = {"targetRef": {"name": target}} if target != RUN_TARGET else {}
    spec = {"multiRegion": True, **where}  # which a primary is, and is no matter of any other key here
    manifest = {"apiVersion": API_VERSION, "kind": "Key", "metadata": {"name": name}, "spec": spec}
    found = read_object(manifest, file=f"{ManifestKind.KEY}/{name}")
    assert isinstance(found, Document)  # noqa: S101  names and Targets are the API server's own
    return found


def in_name_only(document: Document) -> Document:
    """A grant that is on its way out, which is found by its name: what it permits fits the key, or did once."""
    if document.kind is not ManifestKind.GRANT:
        return document
    spec = {name: value for name, value in document.spec.items() if name != "constraints"}
    spec["operations"] = ["DescribeKey"]
    return replace(document, tree=replace(document.tree, value={**document.tree.value, "spec": spec}))


def without_policy(document: Document) -> Document:
    """A key that is on its way out, or that what is on its way out is on: whichever policy it shares matters no more.

    A KeyPolicy has no finalizer, so when a namespace is deleted it is gone before the keys are.
    """
    if "policyRef" not in document.spec:
        return document
    spec = {name: value for name, value in document.spec.items() if name != "policyRef"}
    return replace(document, tree=replace(document.tree, value={**document.tree.value, "spec": spec}))


def retained(seen: Seen) -> Deed:
    """What is told of a resource that stays."""
    what = f"{seen.ref.kind} {seen.resource_id} stays as it is; a new object of the name takes it up again"
    return Deed(EventReason.RETAINED, what)


def state_at_the_end(seen: Seen, verdict: Verdict, replicas: Sequence[Seen] = ()) -> State | None:
    """The state of an object that is to go; None when nothing holds it any more.

    `replicas` are objects on their way out, with which replicas of its key are to end.
    """
    if isinstance(verdict, Met):
        return None
    if isinstance(verdict, Unsettled):
        return Deleting("its end was asked for; waiting for the KMS to show it")
    state = state_of(verdict)
    if isinstance(state, Refused) and replicas and all(risk.name == _REPLICAS_LEFT for risk in state.risks):
        return Waiting(Reason.WAITING_FOR_REPLICAS, named(replicas))
    return refused(seen, state) if isinstance(state, Refused | Blocked | Forbidden | Invalid) else state


def in_use(target: Seen, holders: Sequence[Seen]) -> Waiting | DeletionRefused:
    """A Target that is to go, while objects that it serves have to end before.

    Somebody may delete them together with it, in any order: so it is said of what stays only when it was told before.
    """
    staying = [seen for seen in holders if not seen.deleting]
    if staying and any(condition.get("reason") in _TOLD for condition in target.conditions):
        return DeletionRefused(f"in use by {named(staying)}, which nobody deletes: it serves them until that is done")
    return Waiting(Reason.IN_USE, named(holders))


def named(objects: Sequence[Seen]) -> str:
    """Some objects in a few words."""
    first, more = min(seen.ref for seen in objects), len(objects) - 1
    return f"{first} and {more} more" if more else str(first)


_TOLD: Final = frozenset({Reason.IN_USE, Reason.DELETION_REFUSED})
_REPLICAS_LEFT: Final = "replicas-left"
"""The danger of scheduling a primary whose replicas stay."""


def refused(seen: Seen, state: State) -> DeletionRefused:
    """An end that `state` stands in the way of, and how to let the object go without."""
    stays = "keep the resource" if seen.kind in KEY_KINDS else "leave it"
    return DeletionRefused(f"{message_of(state)}; to {stays}, annotate kms.reconciler.dev/deletion-policy: Retain")
