"""Whatever an object looks like, it is noted, and breaks nothing for the others."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.controller.cluster.refs import API_VERSION, RESOURCES
from reconciler.controller.objects.annotations import PREFIX
from reconciler.controller.objects.cache import Cache
from reconciler.controller.work.deletions import farewell_of
from reconciler.controller.work.intake import Intake
from reconciler.model.identifiers import TargetName

NAMES = ("adopt", "allow", "deletion-policy", "paused", "prune", "reconcile-at")
FIELDS = (
    "adopt", "aliases", "allowedNamespaces", "backend", "credentials", "deletion", "driftPolicy", "importedMaterial",
    "key", "keyRef", "name", "operations", "policy", "policyRef", "primary", "primaryRef", "region", "rotation", "tags",
    "targetRef",
)  # fmt: skip
ODD: Any = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.sampled_from(["", "x", "alias/x", "Schedule", "\x00", "é" * 9])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["name", *FIELDS]), inner)),
    max_leaves=6,
)
SPECS = st.one_of(ODD, st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=5))
STATUSES = st.one_of(ODD, st.dictionaries(st.sampled_from(["conditions", "keyId", "state", "syncedGeneration"]), ODD))
ANNOTATIONS = st.one_of(ODD, st.dictionaries(st.sampled_from([PREFIX + name for name in NAMES]), ODD))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(RESOURCES)), st.lists(st.tuples(SPECS, STATUSES, ANNOTATIONS), min_size=1, max_size=3))
def test_any_object_can_be_noted(kind, states):
    intake = Intake(Cache(TargetName("default")), lambda _: None, lambda _: None, lambda _: None)
    where = {"namespace": "payments"} if RESOURCES[kind].namespaced else {}
    for version, (spec, status, asked) in enumerate(states, 1):
        metadata = {"name": "odd", "uid": "u", "resourceVersion": str(version), "generation": version, **where}
        body = {"kind": kind, "apiVersion": API_VERSION, "spec": spec, "status": status}
        seen = intake.notice({**body, "metadata": {**metadata, "annotations": asked}})
        assert seen.ref.name == "odd"
        assert seen.is_ready in (True, False)
        assert hash(seen.asked) == hash(seen.asked)
        farewell_of(seen)
        assert seen.resource_id is None or isinstance(seen.resource_id, str)
    intake.gone({"kind": kind, "metadata": metadata})
