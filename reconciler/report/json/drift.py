"""Drift for machines: `schemas/drift.schema.json`."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.observed import Account
from reconciler.plan.drift import Drift, DriftEntry, DriftKind, FieldDrift, UnmanagedKey
from reconciler.report.driftwords import counts
from reconciler.report.json import policy
from reconciler.report.json.encode import Json, document, instant, position, present, resource, targets
from reconciler.report.policylines import Place, difference


def render(drift: Drift, *, list_unmanaged: bool = False) -> str:
    """The whole drift; keys that are not of the stack are counted, and listed when asked for."""
    found = counts(drift)
    return document(
        "Drift",
        {
            "stack": drift.stack,
            "targets": targets(drift.accounts),
            "readAt": instant(drift.read_at),
            "found": drift.found,
            "summary": {**{str(kind): found[kind] for kind in DriftKind}, "in-sync": len(drift.in_sync)},
            "entries": [_entry(entry, drift.accounts[entry.address.target]) for entry in drift.entries],
            "unmanaged": {
                "nobodys": sum(key.stack is None for key in drift.unmanaged),
                "ofOtherStacks": sum(key.stack is not None for key in drift.unmanaged),
                **({"keys": [_unmanaged(key) for key in drift.unmanaged]} if list_unmanaged else {}),
            },
        },
    )


def _entry(entry: DriftEntry, account: Account) -> Json:
    return {
        "drift": str(entry.kind),
        "address": str(entry.address),
        "resource": resource(entry.address),
        "resourceId": entry.resource_id,
        "position": position(entry.position),
        "detail": entry.detail,
        "expected": entry.expected,
        "fields": [_field(field, Place(account, entry.resource_id)) for field in entry.fields],
    }


def _field(field: FieldDrift, place: Place) -> Json:
    encoded: Json = {"path": field.path, "sensitive": field.sensitive}
    if field.sensitive:
        return encoded
    encoded |= present({"desired": field.desired, "real": field.real})
    if field.path == "policy" and field.desired is not ABSENT and field.real is not ABSENT:
        encoded["policy"] = policy.encode(difference(field.desired, field.real, place))
    return encoded


def _unmanaged(key: UnmanagedKey) -> Json:
    return {
        "target": key.target,
        "keyId": key.key_id,
        "description": key.description,
        "state": str(key.state),
        "stack": key.stack,
    }
