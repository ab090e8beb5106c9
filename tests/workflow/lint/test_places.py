"""Where in a file something is that lint found."""

from __future__ import annotations

import pytest

from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.address import Address, Kind
from reconciler.workflow.lint.places import locate

TEXT = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: written}
spec:
  policy:
    document:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {AWS: "111122223333"}
          Action:
            - kms:*
          Resource: "*"
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: lone}
spec:
  policy:
    document:
      Version: "2012-10-17"
      Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: text}
spec:
  policy:
    document: '{"Version": "2012-10-17", "Statement": []}'
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: roles}
spec:
  policy: {users: ["111122223333"]}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: shared}
spec:
  policyRef: {name: house}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: bare}
spec:
  tags: {team: payments}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: KeyPolicy
metadata: {name: house}
spec:
  document:
    Version: "2012-10-17"
    Statement:
      - {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}
"""


@pytest.fixture(scope="module")
def manifests():
    return load([Source("keys.yaml", TEXT)])


@pytest.mark.parametrize(
    ("name", "path", "line"),
    [
        pytest.param("written", ("Statement", 0, "Action", 0), 12, id="a policy written out"),
        pytest.param("shared", ("Statement", 0, "Action"), 56, id="a policy that is shared"),
        pytest.param("bare", ("spec", "tags", "team"), 47, id="a field"),
        pytest.param("bare", ("spec", "rotation"), 46, id="a field that is missing"),
        pytest.param("lone", ("Statement", 0, "Action"), None, id="a lone statement has no index in the text"),
        pytest.param("text", ("Statement", 0), None, id="a policy as text"),
        pytest.param("roles", ("Statement", 0), None, id="roles"),
        pytest.param("bare", ("Statement", 0), None, id="no policy"),
        pytest.param("bare", (), None, id="the whole"),
        pytest.param("strange", ("spec",), None, id="no manifest"),
    ],
)
def test_a_path_has_the_line_where_it_stands(manifests, name, path, line):
    found = locate(manifests, Address(Kind.KEY, name), path)
    assert (found and found.line) == line
