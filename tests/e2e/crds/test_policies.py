"""Rules of an organisation's own over our objects, as the page on GitOps shows them: the API server judges by them."""

from __future__ import annotations

import pytest
import yaml

from tests.docs.pages import DOCS, blocks
from tests.e2e.cluster.waiting import eventually
from tests.e2e.crds.definitions import faults, manifest, tried

BLOCKS = blocks(DOCS / "operator" / "gitops.md")
(POLICY,) = (yaml.safe_load(block.text) for block in BLOCKS if block.label == "rules.yaml")
NAME = POLICY["metadata"]["name"]


@pytest.fixture
def ruled(cluster, namespace):
    """A namespace where the policy of the page holds."""
    where = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    binding = {
        "apiVersion": POLICY["apiVersion"],
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": NAME},
        "spec": {"policyName": NAME, "validationActions": ["Deny"], "matchResources": where},
    }
    cluster.apply(POLICY, binding)
    bare = manifest("Key")
    eventually(lambda: faults(tried(cluster, bare, namespace)), within=30, what="the policy holds")
    yield namespace
    cluster.kubectl("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", NAME)


def test_the_policy_of_the_page_refuses_what_it_says_and_nothing_else(cluster, ruled):
    owned = {"tags": {"owner": "shop"}}
    assert "a key needs a tag `owner`" in faults(tried(cluster, manifest("Key", tags={"team": "shop"}), ruled))
    scheduled = manifest("Key", **owned, deletion={"policy": "Schedule"})
    assert "keys are retained" in faults(tried(cluster, scheduled, ruled))
    for deletion in ({}, {"deletion": {}}, {"deletion": {"policy": "Retain"}}):
        assert faults(tried(cluster, manifest("Key", **owned, **deletion), ruled)) == ""


def test_its_expressions_fit_the_schemas(cluster, ruled):
    def checked():
        return cluster.get("validatingadmissionpolicy", NAME).get("status", {}).get("typeChecking")

    assert eventually(lambda: [found] if (found := checked()) is not None else [], what="it is checked") == [{}]
