"""A Target that is the operator's: its credentials are in a Secret, which no command can read."""

from __future__ import annotations

TARGET = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Target
metadata: {name: production}
spec:
  backend: aws
  region: eu-west-1
  credentials: {secretRef: {name: aws}}
  allowedNamespaces: ["team-*"]
  unmanagedKeys: Allow
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: orders}
spec: {targetRef: {name: production}, driftPolicy: Report}
"""


def test_its_manifest_is_valid_and_a_plan_on_it_says_who_can_read_the_secret(kmsctl, tmp_path):
    (tmp_path / "keys.yaml").write_text(TARGET)
    assert kmsctl("validate", "-f", "keys.yaml").code == 0
    result = kmsctl("plan", "-f", "keys.yaml")
    assert result.code == 1
    assert "the credentials of the Target 'production' are in the Secret 'aws'" in result.err
    assert "only the operator can read it" in result.err


def test_it_is_planned_where_no_credentials_are_needed(kmsctl, tmp_path):
    (tmp_path / "keys.yaml").write_text(TARGET)
    assert "create Key/orders" in kmsctl("plan", "-f", "keys.yaml", "--backend", "local").out
