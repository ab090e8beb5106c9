"""Short ways to say what is looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconciler.lint import IdentitySubject, Subject, SubjectGrant, subjects_live, subjects_of
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.desired import AutomaticRotation, Deletion, GrantTerms, OnDemandRotation
from reconciler.model.identifiers import RUN_TARGET, Days, TargetName
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import (
    Account,
    ObservedAlias,
    ObservedKey,
    ObservedRotation,
    ObservedState,
    ObservedTarget,
    Regions,
)

ROOT = Path(__file__).parents[2]
DEPLOYER = "arn:aws:iam::111122223333:role/deployer"
ACCOUNT = Account("111122223333", "us-east-1", "aws", DEPLOYER)
IRELAND = replace(ACCOUNT, region="eu-west-1")
ACCOUNTS = {RUN_TARGET: ACCOUNT, TargetName("ireland"): IRELAND}
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}"
DEFAULT = {
    "Sid": "EnableIamUserPermissions",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def policy(*statements: dict[str, Any], **elements: Any) -> str:
    """A policy with these statements after AWS's default one for the account."""
    document = {"Version": "2012-10-17", **elements, "Statement": [DEFAULT, *statements]}
    return json.dumps(document, ensure_ascii=False)


def subject(**fields: Any) -> Subject:
    """A key about which there is nothing to say, but for `fields`."""
    quiet = {
        "resource": "Key/reports",
        "account": "111122223333",
        "region": "us-east-1",
        "caller": DEPLOYER,
        "policy": policy(),
        "tags": {"team": "finance"},
        "aliases": ("alias/reports",),
        "deletion": Deletion(),
    }
    rotation = {} if "key_spec" in fields else {"rotation": AutomaticRotation()}
    return Subject(**{**quiet, **rotation, **fields})


def grant(**terms: Any) -> SubjectGrant:
    """A grant with these terms, and no others."""
    quiet = dict.fromkeys(("grantee_principal", "grantee_service", "retiring_principal", "retiring_service"))
    operations = frozenset(terms.pop("operations"))
    return SubjectGrant("Grant/batch", GrantTerms(**{**quiet, **terms}, operations=operations))


def manifest(kind: str, name: str, spec: Any) -> str:
    """One manifest as YAML, which JSON is."""
    head = {"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    return "---\n" + json.dumps(head, default=str) + "\n"


def declared(*texts: str) -> tuple[Subject, ...]:
    """The keys of these manifests."""
    manifests = load([Source(f"{number}.yaml", text) for number, text in enumerate(texts, 1)])
    return subjects_of(desire(manifests, stack="default", accounts=ACCOUNTS), ACCOUNTS)


def live(
    *,
    state: str = "Enabled",
    rotation: bool = True,
    on_demand: int | None = None,
    origin: str = "AWS_KMS",
    multi_region: bool = False,
    tags: dict[str, str] | None = None,
) -> tuple[Subject, ...]:
    """A key as a KMS holds it."""
    regions = Regions("us-east-1", ("eu-west-1",)) if multi_region else None
    period = Days(365) if rotation else None
    tags = {"team": "finance"} if tags is None else tags
    key = ObservedKey(
        KEY_ID, ARN, KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin(origin), KeyState(state), NOW,
        policy=policy(), tags=tags, multi_region=multi_region, regions=regions,
        rotation=ObservedRotation(rotation, period, on_demand) if origin == "AWS_KMS" else None,
    )  # fmt: skip
    aliases = {"alias/reports": ObservedAlias("alias/reports", KEY_ID)}
    return subjects_live(ObservedState({RUN_TARGET: ObservedTarget(ACCOUNT, NOW, {KEY_ID: key}, aliases)}))


def case_subjects(case: dict[str, Any]) -> tuple[Subject | IdentitySubject, ...]:
    """What a case of the corpus is about."""
    if "identity" in case:
        return (IdentitySubject("policy/reports", json.dumps(case["identity"]), inline=case.get("inline", False)),)
    if "live" in case:
        return live(**case["live"])
    if "spec" in case:
        target = manifest("Target", "ireland", {"backend": "local", "region": "eu-west-1"})
        replica = (target, manifest("ReplicaKey", "k-ireland", case["replica"])) if "replica" in case else ()
        return declared(manifest("Key", "k", case["spec"]), *replica)
    key = {name: _FIELDS.get(name, lambda value: value)(value) for name, value in case.get("key", {}).items()}
    grants = tuple(grant(**one) for one in case.get("grants", ()))
    text = case.get("text") or (json.dumps(case["policy"]) if "policy" in case else policy(*case.get("statements", ())))
    return (subject(policy=text, grants=grants, **key),)


def _rotation(value: dict[str, int]) -> AutomaticRotation | OnDemandRotation:
    return AutomaticRotation(Days(value["automatic"])) if "automatic" in value else OnDemandRotation(value["on_demand"])


_FIELDS = {"key_spec": KeySpec, "key_usage": KeyUsage, "origin": Origin, "rotation": _rotation}
