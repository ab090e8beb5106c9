"""Manifests of many keys, each with an alias, a policy, tags, rotation and one grant."""

from __future__ import annotations

from pathlib import Path

_KEY = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata:
  name: key-{n:05}
spec:
  description: Key number {n} of {of}
  aliases: [bench/key-{n:05}]
  rotation:
    automatic: {{periodDays: 365}}
  policy:
    administrators: [role/key-admin]
    users: [role/service-{service:03}]
  tags:
    team: team-{service:03}
    number: "{n}"
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Grant
metadata:
  name: grant-{n:05}
spec:
  keyRef: {{name: key-{n:05}}}
  granteePrincipal: arn:aws:iam::${{aws:accountId}}:role/batch-{service:03}
  retiringPrincipal: arn:aws:iam::${{aws:accountId}}:role/key-admin
  operations: [Decrypt, DescribeKey]
"""
_A_FILE = 100


def write(folder: Path, keys: int) -> Path:
    """Write `keys` keys into files of a hundred each; returns the folder."""
    folder.mkdir(parents=True)
    for first in range(0, keys, _A_FILE):
        documents = (text(n) for n in range(first, min(first + _A_FILE, keys)))
        (folder / f"keys-{first:05}.yaml").write_text("---\n".join(documents), encoding="utf-8")
    return folder


def text(number: int, of: str = "the benchmark") -> str:
    """One of them; its description says what it is of."""
    return _KEY.format(n=number, service=number % 200, of=of)
