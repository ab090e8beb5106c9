"""Where what lint found stands."""

from __future__ import annotations

import pytest

from reconciler.manifest.load import load
from reconciler.manifest.locating import locator
from reconciler.manifest.sources import Source
from reconciler.model.address import Address, Kind

HEAD = "apiVersion: kms.reconciler.dev/v1alpha1\n"
STATEMENT = """{
      Effect: Allow,
      Principal: "*",
      Action: "kms:Decrypt",
      Resource: "*",
    }"""
TEXT = f"""\
{HEAD}kind: Key
metadata: {{name: inline}}
spec:
  tags:
    team: a
  policy:
    document:
      Statement:
        - Effect: Allow
          Principal: "*"
          Action: kms:Decrypt
          Resource: "*"
---
{HEAD}kind: KeyPolicy
metadata: {{name: shared}}
spec:
  document:
    Statement: {STATEMENT}
---
{HEAD}kind: Key
metadata: {{name: referring}}
spec: {{policyRef: {{name: shared}}}}
---
{HEAD}kind: Key
metadata: {{name: roles}}
spec: {{policy: {{administrators: [role/a]}}}}
---
{HEAD}kind: Key
metadata: {{name: bare}}
spec: {{aliases: [x]}}
"""


@pytest.mark.parametrize(
    ("name", "path", "place"),
    [
        pytest.param("inline", ("spec", "tags", "team"), (6, 5), id="a field"),
        pytest.param("inline", ("spec", "rotation"), (4, 1), id="a field that is not there"),
        pytest.param("inline", ("Statement", 0), (10, 11), id="a statement"),
        pytest.param("inline", ("Statement", 0, "Action"), (12, 11), id="an element of a statement"),
        pytest.param("referring", ("Statement", 0, "Action"), (23, 7), id="a statement without a list, elsewhere"),
        pytest.param("roles", ("Statement", 0), None, id="a statement of a role"),
        pytest.param("bare", ("Statement", 0), None, id="no policy"),
        pytest.param("inline", (), None, id="no path"),
        pytest.param("nobody", ("spec",), None, id="no such key"),
    ],
)
def test_a_path_is_located(name, path, place):
    locate = locator(load([Source("keys.yaml", TEXT)]))
    position = locate(Address(Kind.KEY, name), path)
    assert (position and (position.line, position.column)) == place


def test_an_alias_has_no_manifest_here():
    assert locator(load([Source("keys.yaml", TEXT)]))(Address(Kind.ALIAS, "nobody"), ("spec",)) is None
