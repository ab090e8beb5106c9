"""Manifests for the command line's tests."""

from __future__ import annotations

ORDERS = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata:
  name: orders
spec:
  description: Encrypts orders
  aliases: [orders]
  rotation:
    automatic: {periodDays: 365}
  policy:
    administrators: [role/platform]
    users: [role/orders-api]
  deletion:
    policy: Schedule
    windowDays: 30
"""
GRANT = """\
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Grant
metadata:
  name: report
spec:
  keyRef: {name: orders}
  granteePrincipal: role/report
  retiringPrincipal: role/platform
  operations: [Decrypt]
"""
SIGNING = """\
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata:
  name: signing
spec:
  keySpec: ECC_NIST_P256
  keyUsage: SIGN_VERIFY
  rotation:
    none: {reason: the verifiers pin the public key}
"""
TARGET = """\
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Target
metadata:
  name: {name}
spec:
  backend: {backend}
  region: {region}
  accountId: "{account}"
"""


def target(name, *, backend="local", region="us-east-1", account="111122223333"):
    return TARGET.format(name=name, backend=backend, region=region, account=account)
