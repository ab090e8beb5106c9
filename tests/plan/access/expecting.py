"""Keys and AccessTests as manifests say them, planned on an account where little or nothing is."""

from __future__ import annotations

from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import ObservedKey, ObservedState, ObservedTarget
from reconciler.plan.changes import Plan
from reconciler.plan.planner import plan
from tests.manifest.build import ACCOUNT, desired, manifest
from tests.support.pools import READ_AT, allow, policy

ROLES = "{administrators: [role/admin], users: [role/app], readOnly: [role/auditor]"
OWN_RULE = f"{ROLES}, delegateToIam: false}}"
DELEGATING = f"{ROLES}}}"
ROOT = allow("Root", {"AWS": ACCOUNT.account_id}, "kms:*")
CLOSED = policy(allow("Admin", {"AWS": f"arn:aws:iam::{ACCOUNT.account_id}:role/admin"}, "kms:PutKeyPolicy"))
"""A key policy that lets nobody use the key."""
GRANT = manifest("Grant", "batch", "{keyRef: {name: db}, granteePrincipal: role/batch, operations: [Decrypt]}")


def key(policy: str = OWN_RULE, name: str = "db", more: str = "") -> str:
    """A Key manifest; `policy` in flow style."""
    return manifest("Key", name, f"{{policy: {policy}{more}}}")


def expects(allow: str = "", deny: str = "", *, name: str = "t", keys: str = "keyRef: {name: db}") -> str:
    """An AccessTest manifest; the expectations in flow style."""
    spec = [keys]
    spec += [f"mustAllow: [{allow}]"] if allow else []
    spec += [f"mustDeny: [{deny}]"] if deny else []
    return manifest("AccessTest", name, "{" + ", ".join(spec) + "}")


def line(principal: str, action: str, more: str = "") -> str:
    """One expectation."""
    return f"{{principals: ['{principal}'], actions: [{action}]{more}}}"


def there(*keys: ObservedKey) -> ObservedState:
    """What is in the account."""
    return ObservedState({RUN_TARGET: ObservedTarget(ACCOUNT, READ_AT, {one.key_id: one for one in keys})})


def planned(*texts: str, on: ObservedState | None = None) -> Plan:
    """The plan of manifests, one file."""
    return plan(desired("".join(texts)), on or there())


def told(made: Plan) -> list[str]:
    """What failing tests say against a plan."""
    return [risk.why for change in made.changes for risk in change.risks if risk.name == "access-test"]
