"""Whatever people, other people's hands in the KMS, failures and restarts do to each other: in the end all is right."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.controller.cluster.errors import ApiError
from reconciler.kit.errors import AmbiguousOutcome, KmsError
from tests.controller.support.objects import annotated, grant_spec, ref
from tests.controller.support.world import play

ALLOW = "key-in-use,alias-leaves-key-in-use,alias-takeover"
KEYS = ("a", "b")
NAMES = {"Key": KEYS, "Alias": ("main",), "Grant": ("app",)}


def _key(description, shared, policy):
    aliases = {"aliases": ["alias/shared"]} if shared else {}
    return {"description": description, **aliases, "deletion": {"policy": policy, "windowDays": 7}}


_SPECS = {
    "Key": st.builds(_key, st.sampled_from(["one", "two"]), st.booleans(), st.sampled_from(["Retain", "Schedule"])),
    "Alias": st.sampled_from(KEYS).map(lambda key: {"name": "alias/main", "keyRef": {"name": key}}),
    "Grant": st.sampled_from(KEYS).map(grant_spec),
}


@dataclass
class Act:
    """One thing that happens."""

    what: str
    kind: str = ""
    name: str = ""
    spec: Any = None
    asked: dict[str, str] = field(default_factory=dict)


def _applied(kind):
    asked = st.fixed_dictionaries(
        {"allow": st.just(ALLOW), "prune": st.just("true")},
        optional={"deletion_policy": st.just("Delete" if kind in {"Alias", "Grant"} else "Retain")},
    )
    return st.builds(Act, st.just("apply"), st.just(kind), st.sampled_from(NAMES[kind]), _SPECS[kind], asked)


def _of_objects(what):
    return st.sampled_from([Act(what, kind, name) for kind, names in NAMES.items() for name in names])


_TAMPERING = ("describe", "disable", "schedule", "unalias", "revoke", "retag")
ACTS = st.one_of(
    *map(_applied, NAMES),
    _of_objects("delete"),
    _of_objects("lose status"),
    st.builds(Act, st.just("tamper"), st.sampled_from(_TAMPERING), st.sampled_from(KEYS)),
    st.sampled_from([Act("restart"), Act("api refuses"), Act("api forgets"), Act("kms refuses")]),
    st.sampled_from([Act("kms forgets"), Act("kms throttles"), Act("watch first"), Act("watch late")]),
)
PAUSES = st.sampled_from([0.0, 0.005, 0.02, 3.0, 700.0])


def _once(faults, error, *, skip=0, only=lambda *_: True):
    """Have one request fail, after so many others."""
    left = skip

    def fault(*request):
        nonlocal left
        if not only(*request):
            return
        if left == 0:
            faults.remove(fault)
            raise error
        left -= 1

    faults.append(fault)


def _writes(operation, _=None):
    return operation.split(":")[-1].startswith(("Create", "Update", "Delete", "Tag", "Put", "Enable", "Schedule", "Re"))


async def _do(world, act):
    match act.what:
        case "apply":
            asked = annotated(**act.asked)
            world.cluster.apply(act.kind, act.name, act.spec, annotations=asked)
        case "delete":
            world.cluster.delete(ref(act.kind, act.name))
        case "lose status":
            world.cluster.lose_status(ref(act.kind, act.name))
        case "tamper":
            _tamper(world, act.kind, act.name)
        case "restart":
            await world.restart()
        case "api refuses":
            conflict = ApiError(500, "InternalError", "not now")
            _once(world.cluster.faults, conflict, skip=1, only=lambda verb, _: verb == "PATCH")
        case "api forgets":
            _once(world.cluster.losses, ApiError(0, "Unreachable", "no answer"), skip=1)
        case "kms refuses":
            _once(world.kms_faults, KmsError("KMSInternalException", "not now", operation="x"), skip=2, only=_writes)
        case "kms throttles":
            _once(world.kms_faults, KmsError("ThrottlingException", "not now", operation="x"), skip=1)
        case "kms forgets":
            lost = AmbiguousOutcome("ConnectionClosed", "no answer", operation="x")
            _once(world.kms_losses, lost, only=_writes)
        case "watch first" | "watch late":
            world.watch_first = act.what == "watch first"


def _tamper(world, how, name):
    for key_id, its in world.live_keys().items():
        if its != name:
            continue
        match how:
            case "describe":
                world.kms("UpdateKeyDescription", KeyId=key_id, Description="tampered")
            case "disable":
                world.kms("DisableKey", KeyId=key_id)
            case "schedule":
                world.kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
            case "unalias":
                for alias in world.kms("ListAliases", KeyId=key_id)["Aliases"]:
                    world.kms("DeleteAlias", AliasName=alias["AliasName"])
            case "revoke":
                for grant in world.kms("ListGrants", KeyId=key_id)["Grants"]:
                    world.kms("RevokeGrant", KeyId=key_id, GrantId=grant["GrantId"])
            case "retag":
                tag = {"TagKey": "colour", "TagValue": "blue"}
                world.kms("TagResource", KeyId=key_id, Tags=[tag])


def _right(world, kind, name):
    """The Ready that an object must have once everything is calm."""
    found = world.cluster.of(ref(kind, name))
    spec = found["spec"]
    if kind == "Key":
        return ("False", "NameConflict") if "aliases" in spec and _loses(world, name) else ("True", "InSync")
    key = spec["keyRef"]["name"]
    there = world.cluster.of(ref("Key", key))
    if there is None:
        return "False", "ReferenceNotFound"
    return ("False", "ReferenceNotReady") if "aliases" in there["spec"] and _loses(world, key) else ("True", "InSync")


def _loses(world, name):
    """Whether the other key, which is older, has the alias that both want."""
    rivals = [found for key in KEYS if (found := world.cluster.of(ref("Key", key))) and "aliases" in found["spec"]]
    first = min(rivals, key=lambda one: (one["metadata"]["creationTimestamp"], one["metadata"]["name"]))
    return first["metadata"]["name"] != name


def _keys_by_name(world):
    found = {}
    for key in world.kms("ListKeys")["Keys"]:
        tags = world.kms("ListResourceTags", KeyId=key["KeyId"])["Tags"]
        name = next(tag["TagValue"] for tag in tags if tag["TagKey"] == "kms.reconciler.dev/name")
        found.setdefault(name, []).append(key["KeyId"])
    return found


async def _story(world, acts):
    await world.start()
    for act, pause in acts:
        await _do(world, act)
        await asyncio.sleep(pause)
    world.cluster.faults.clear()
    world.kms_faults.clear()
    world.kms_losses.clear()
    world.cluster.losses.clear()
    await world.calm()
    _check(world)
    world.cluster.writes.clear()
    world.cluster.events.clear()
    calls = len(world.calls)
    await world.calm(700)
    assert world.cluster.writes == []
    assert world.told() == []
    assert not [call for call in world.calls[calls:] if _writes(call)]
    await world.restart()
    await world.calm(60)
    assert world.cluster.writes == []


def _check(world):
    keys = _keys_by_name(world)
    assert all(len(ids) == 1 for ids in keys.values()), keys
    for path, found in world.cluster.objects.items():
        kind, name = found["kind"], found["metadata"]["name"]
        if kind == "Target":
            continue
        assert "deletionTimestamp" not in found["metadata"], (path, found)
        right = _right(world, kind, name)
        if right is not None:
            assert world.ready(ref(kind, name)) == right, (path, found)
        if right == ("True", "InSync") and kind == "Key":
            assert found["status"]["keyId"] == keys[name][0]
            assert found["metadata"]["finalizers"] == ["kms.reconciler.dev/finalizer"]


SOAK = int(os.environ.get("KMSCTL_SOAK", "0"))


@settings(
    max_examples=25 * max(SOAK, 1),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(ACTS, PAUSES), max_size=14))
def test_all_is_right_in_the_end(acts):
    with tempfile.TemporaryDirectory() as home:
        play(Path(home), lambda world: _story(world, acts))
