"""The state of keys for machines: `schemas/keys.schema.json`."""

from __future__ import annotations

from typing import assert_never

from reconciler.model.observed import ObservedGrant, ObservedRotation
from reconciler.model.usage import LastUse, NeverUsed, UsageUnknown, UsedAt
from reconciler.report.json.encode import Json, document, instant, targets
from reconciler.report.keys import KeyList, KeyRow


def render(keys: KeyList) -> str:
    """Everything that was read of `keys`; what was not read is null."""
    rows = [_row(row) for row in keys.rows]
    return document("Keys", {"stack": keys.stack, "targets": targets(keys.accounts), "keys": rows})


def _row(row: KeyRow) -> Json:
    key = row.key
    return {
        "target": row.target,
        "stack": row.owner.stack if row.owner else None,
        "name": row.owner.name if row.owner else None,
        "generation": row.owner.generation if row.owner else None,
        "keyId": key.key_id,
        "arn": key.arn,
        "state": str(key.state),
        "deletionDate": instant(key.deletion_date),
        "created": instant(key.created),
        "keySpec": str(key.key_spec),
        "keyUsage": str(key.key_usage),
        "origin": str(key.origin),
        "multiRegion": key.multi_region,
        "primaryRegion": key.regions.primary if key.regions else None,
        "replicaRegions": list(key.regions.replicas) if key.regions else None,
        "description": key.description,
        "aliases": list(row.aliases),
        "tags": dict(sorted(key.tags.items())),
        "policy": key.policy,
        "rotation": _rotation(key.rotation),
        "grants": None if key.grants is None else [_grant(grant) for grant in key.grants],
        "lastUse": _last_use(key.last_use),
    }


def _rotation(rotation: ObservedRotation | None) -> Json | None:
    if rotation is None:
        return None
    return {
        "enabled": rotation.enabled,
        "periodDays": rotation.period,
        "onDemandRotations": rotation.on_demand_rotations,
    }


def _grant(grant: ObservedGrant) -> Json:
    terms = grant.terms
    return {
        "grantId": grant.grant_id,
        "name": grant.name,
        "granteePrincipal": terms.grantee_principal,
        "granteeServicePrincipal": terms.grantee_service,
        "retiringPrincipal": terms.retiring_principal,
        "retiringServicePrincipal": terms.retiring_service,
        "operations": sorted(terms.operations),
        "constraints": {
            "encryptionContextEquals": dict(sorted(terms.constraints.encryption_context_equals.items())),
            "encryptionContextSubset": dict(sorted(terms.constraints.encryption_context_subset.items())),
            "sourceArn": terms.constraints.source_arn,
        },
        "issuingAccount": grant.issuing_account,
    }


def _last_use(use: LastUse | None) -> Json | None:
    match use:
        case None:
            return None
        case UsedAt(at):
            return {"known": True, "at": instant(at), "why": ""}
        case NeverUsed():
            return {"known": True, "at": None, "why": ""}
        case UsageUnknown(why):
            return {"known": False, "at": None, "why": why}
        case _:
            assert_never(use)
