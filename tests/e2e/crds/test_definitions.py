"""The definitions in a real API server, and what kubectl shows of them."""

from __future__ import annotations

import pytest

from reconciler.controller.crds.naming import NAMING
from reconciler.manifest.documents import ManifestKind
from tests.e2e.crds.definitions import NAMES, applied, manifest, set_status

READY = [
    {
        "type": name,
        "status": "True",
        "reason": "InSync",
        "message": "the key is as declared",
        "lastTransitionTime": "2026-11-22T12:00:00Z",
        "observedGeneration": 1,
    }
    for name in ("Ready", "Synced")
]
KEY = {
    "observedGeneration": 1,
    "conditions": READY,
    "keyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "state": "PendingDeletion",
    "keySpec": "SYMMETRIC_DEFAULT",
    "rotation": "365d",
    "deletionDate": "2026-12-22T12:00:00Z",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_is_established_and_has_nothing_that_the_api_server_finds_wanting(cluster, name):
    status = cluster.get("crd", name)["status"]
    conditions = {condition["type"]: condition["status"] for condition in status["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}


def test_kubectl_shows_of_a_key_what_matters_and_more_when_asked(cluster, namespace):
    applied(cluster, namespace, "tests", manifest("Key", "orders"))
    set_status(cluster, "Key", "orders", namespace, **KEY)
    head, row = cluster.kubectl("get", "kkey", f"--namespace={namespace}").stdout.splitlines()
    assert head.split("  ")[0] == "NAME"
    assert head.split() == ["NAME", "KEY", "ID", "STATE", "SPEC", "ROTATION", "SYNCED", "READY", "REASON", "AGE"]
    shown = ["orders", KEY["keyId"], "PendingDeletion", "SYMMETRIC_DEFAULT", "365d", "True", "True"]
    assert row.split()[:7] == shown
    assert row.split()[7] == "InSync"
    wide = cluster.kubectl("get", "kkey", f"--namespace={namespace}", "--output=wide").stdout
    assert KEY["arn"] in wide
    assert KEY["deletionDate"] in wide
    assert "the key is as declared" in wide


def test_kubectl_says_why_a_key_that_is_ready_is_left_alone(cluster, namespace):
    applied(cluster, namespace, "tests", manifest("Key", "orders"))
    paused = {**READY[1], "status": "Unknown", "reason": "Paused", "message": "paused by the annotation"}
    set_status(cluster, "Key", "orders", namespace, **KEY | {"conditions": [READY[0], paused]})
    shown = cluster.kubectl("get", "kkey", f"--namespace={namespace}", "--output=wide").stdout
    assert shown.splitlines()[1].split()[5:8] == ["Unknown", "True", "Paused"]
    assert "paused by the annotation" in shown


def test_a_new_object_is_seen_by_nobody_yet(cluster, namespace):
    applied(cluster, namespace, "tests", manifest("Key", "orders"))
    assert cluster.get("key", "orders", namespace=namespace)["status"] == {"observedGeneration": -1}


def test_all_kinds_are_listed_by_their_category(cluster, namespace):
    objects = [manifest("Key", "orders"), manifest("KeyPolicy", "standard")]
    applied(cluster, namespace, "tests", *objects)
    listed = cluster.kubectl("get", "kms", f"--namespace={namespace}", "--output=name").stdout.split()
    assert {"key.kms.reconciler.dev/orders", "keypolicy.kms.reconciler.dev/standard"} <= set(listed)


def test_keys_are_found_by_what_is_known_of_them(cluster, namespace):
    applied(cluster, namespace, "tests", manifest("Key", "orders"), manifest("Key", "sessions"))
    set_status(cluster, "Key", "orders", namespace, **KEY)
    for field in ("status.state=PendingDeletion", f"status.keyId={KEY['keyId']}", "status.keySpec=SYMMETRIC_DEFAULT"):
        found = cluster.kubectl("get", "keys", f"--namespace={namespace}", f"--field-selector={field}", "--output=name")
        assert found.stdout.split() == ["key.kms.reconciler.dev/orders"], field


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("key", "A KMS key with its aliases, policy, rotation and tags."),
        ("kkey.spec.keySpec", "It can never change. Default: SYMMETRIC_DEFAULT."),
        ("key.spec.rotation.automatic.periodDays", "Days between rotations."),
        ("key.spec.policy.document", "Excludes the roles."),
        ("target.spec.allowedNamespaces", "None by default."),
        ("grant.status.grantId", "another one after each change"),
    ],
    ids=lambda value: value if "." in value and " " not in value else "",
)
def test_kubectl_explains_the_fields(cluster, path, said):
    text = cluster.kubectl("explain", path, "--api-version=kms.reconciler.dev/v1alpha1").stdout
    assert said in " ".join(text.split())


@pytest.mark.parametrize("kind", ManifestKind)
def test_a_kind_has_its_short_name_and_its_scope(cluster, kind):
    (row,) = [
        line.split()
        for line in cluster.kubectl(
            "api-resources", "--api-group=kms.reconciler.dev", "--no-headers"
        ).stdout.splitlines()
        if line.split()[-1] == kind
    ]
    naming = NAMING[kind]
    assert row == [
        naming.plural, naming.short, "kms.reconciler.dev/v1alpha1", str(naming.namespaced).lower(), kind,
    ]  # fmt: skip
