"""Manifests as Kubernetes hands them back."""

from __future__ import annotations

import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source

LIST = """\
apiVersion: v1
items:
- apiVersion: kms.reconciler.dev/v1alpha1
  kind: Key
  metadata:
    creationTimestamp: null
    generation: 3
    managedFields: [{manager: kubectl}]
    name: orders
    resourceVersion: "12"
    uid: 0f5a
  spec: {aliases: &names [orders]}
  status: {keyId: x, conditions: []}
- apiVersion: kms.reconciler.dev/v1alpha1
  kind: Key
  metadata: {name: payments}
  spec: {description: pays, tags: {team: shop}}
kind: List
metadata: {resourceVersion: ""}
"""


def read(text, *, named=True):
    return load([Source("keys.yaml", text, named)])


def faults_of(text):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    return [(fault.name, fault.position.line, fault.position.column) for fault in caught.value.diagnostics]


@pytest.mark.parametrize("named", [True, False], ids=["a file", "in a folder"])
def test_a_list_is_read_as_the_manifests_in_it(named):
    assert read(LIST, named=named).names(ManifestKind.KEY) == ("orders", "payments")


def test_a_list_of_our_own_kind_is_one_too():
    text = LIST.replace("apiVersion: v1\n", "apiVersion: kms.reconciler.dev/v1alpha1\n").replace(
        "kind: List", "kind: KeyList"
    )
    assert read(text).count == 2


def test_what_the_api_server_and_the_operator_write_is_not_read():
    orders = read(LIST).get(ManifestKind.KEY, "orders")
    assert orders is not None
    assert orders.spec == {"aliases": ["orders"]}


def test_a_status_alone_is_not_read_either():
    text = "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: k}\nspec: {}\nstatus: {keyId: x}\n"
    assert read(text).count == 1


def test_faults_in_a_list_are_told_where_they_stand():
    assert faults_of(LIST.replace("team: shop", "team: 7").replace("[orders]", "orders")) == [
        ("wrong-type", 12, 19),
        ("wrong-type", 17, 42),
    ]


def test_a_slip_in_metadata_is_still_a_fault():
    assert faults_of(LIST.replace("uid: 0f5a", "uuid: 0f5a")) == [("unknown-field", 11, 5)]


def test_somebody_elses_object_in_a_list_is_a_fault_in_a_file_that_was_named():
    text = LIST + "---\n" + LIST.replace("v1alpha1", "v9", 1).replace("kms.reconciler.dev/v9", "apps/v1")
    assert ("unknown-api-version", 23, 15) in faults_of(text)


@pytest.mark.parametrize("items", ["items: []", "items: none", "other: []"])
def test_a_list_without_manifests_declares_nothing(items):
    with pytest.raises(InvalidInput):
        read(f"apiVersion: v1\nkind: List\n{items}\n")
