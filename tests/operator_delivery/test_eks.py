"""The page about EKS names what the chart and kustomize make, and its policies are ones that AWS would take."""

from __future__ import annotations

import json

import pytest
import yaml

from reconciler.policy.document import parse_trust_policy
from tests.docs.pages import blocks
from tests.operator_delivery.files import BASE, DOCS, documents

PAGE = DOCS / "eks.md"
TRUST = {
    name: json.loads(b.text)
    for name, b in zip(("IRSA", "Pod Identity"), (b for b in blocks(PAGE) if b.label == "trust.json"), strict=True)
}
(ACCOUNT,) = documents(BASE / "serviceaccount.yaml")
WHO = (ACCOUNT["metadata"]["namespace"], ACCOUNT["metadata"]["name"])
(VALUES,) = (yaml.safe_load(block.text) for block in blocks(PAGE) if block.label == "values.yaml")


@pytest.mark.parametrize("policy", TRUST.values(), ids=TRUST)
def test_a_trust_policy_can_be_read(policy):
    assert parse_trust_policy(json.dumps(policy)).statements


def test_the_role_of_a_service_account_trusts_the_operator_s_alone():
    (statement,) = TRUST["IRSA"]["Statement"]
    issuer = statement["Principal"]["Federated"].partition(":oidc-provider/")[2]
    asked = {"aud": "sts.amazonaws.com", "sub": "system:serviceaccount:{}:{}".format(*WHO)}
    assert statement["Condition"] == {"StringEquals": {f"{issuer}:{name}": value for name, value in asked.items()}}


def test_the_role_of_pod_identity_trusts_the_operator_s_account_of_the_cluster_alone():
    (statement,) = TRUST["Pod Identity"]["Statement"]
    asked = {"eks-cluster-name": "eu-prod", "kubernetes-namespace": WHO[0], "kubernetes-service-account": WHO[1]}
    tags = {f"aws:RequestTag/{name}": value for name, value in asked.items()}
    assert statement["Condition"] == {"StringEquals": tags}


def test_policy_role_target_and_stack_are_of_one_account_and_cluster():
    text = PAGE.read_text(encoding="utf-8")
    role = VALUES["serviceAccount"]["annotations"]["eks.amazonaws.com/role-arn"]
    assert f"--role-arn {role}" in text
    assert f"--role-name {role.partition('/')[2]}" in text
    assert f"arn:aws:iam::{VALUES['defaultTarget']['spec']['accountId']}:" in role
    (namespace,) = VALUES["defaultTarget"]["spec"]["allowedNamespaces"]
    assert f"--for operator --stack {VALUES['clusterName']}.{namespace} " in text
