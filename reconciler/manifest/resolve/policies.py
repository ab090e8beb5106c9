"""The policy of each key as JSON text: its document, or its roles compiled for what the key is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.kit.absent import ABSENT, Absent
from reconciler.kit.canonical import canonical_json
from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.keys import KeyFacts
from reconciler.manifest.documents import Document, ManifestKind, Manifests, Message
from reconciler.manifest.enough import enough
from reconciler.manifest.positions import Path
from reconciler.manifest.resolve.principals import Found, check_principals, partition_for
from reconciler.manifest.resolve.where import Where
from reconciler.manifest.wording import field_name
from reconciler.policy.document import parse_document, to_json
from reconciler.policy.faults import InvalidPolicy, PolicyFault
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.roles import Roles, compile_roles

_FIELDS: Final = {"read_only": "readOnly", "delegate_to_iam": "delegateToIam"}
"""Fields of `Roles` that a manifest spells differently."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str | Absent
    faults: tuple[Found, ...] = ()


class PolicyWriter:
    """Compiles each different policy once: thousands of keys share a few."""

    def __init__(self, manifests: Manifests) -> None:
        self._manifests = manifests
        self._known: dict[tuple[str, KeyTraits, Where], _Compiled] = {}

    def write(self, document: Document, facts: KeyFacts, where: Where, faults: list[Diagnostic]) -> str | Absent:
        """The policy of the Key `document`, absent when it declares none; what is wrong goes to `faults`."""
        holder, path = self._holder(document)
        if holder is None:
            return ABSENT
        policy: Mapping[str, Any] = holder.spec if len(path) == 1 else holder.spec["policy"]
        if facts.key_usage is None and "document" not in policy:
            return ABSENT  # what users may do is not known, which was reported
        traits = KeyTraits(str(facts.key_usage), facts.key_spec, facts.origin, facts.multi_region)
        known = (canonical_json(policy), traits, where)
        if known not in self._known:
            self._known[known] = _compile(policy, traits, where)
        compiled = self._known[known]
        faults += enough(holder.fault((*path, *location), message) for location, message in compiled.faults)
        return compiled.text

    def _holder(self, document: Document) -> tuple[Document | None, Path]:
        """The manifest that has the key's policy in it, and where."""
        if "policyRef" in document.spec:
            return self._manifests.get(ManifestKind.KEY_POLICY, document.spec["policyRef"]["name"]), ("spec",)
        return (document if "policy" in document.spec else None), ("spec", "policy")


def _compile(policy: Mapping[str, Any], traits: KeyTraits, where: Where) -> _Compiled:
    filled = where.pseudo.fill(policy)
    partition = partition_for(filled, where)
    faults = list(check_principals(filled, where, partition))
    text: str | Absent = ABSENT
    try:
        text = _text(filled, traits, where.account_id, partition)
    except InvalidPolicy as invalid:
        told = {location for location, _ in faults}
        faults += (found for found in _found(invalid, filled) if found[0] not in told)
    return _Compiled(text if not faults else ABSENT, tuple(faults))


def _text(policy: Mapping[str, Any], traits: KeyTraits, account: str, partition: str) -> str:
    if "document" in policy:
        document = policy["document"]
        parse_document(document)
        return canonical_json(json.loads(document) if isinstance(document, str) else document)
    roles = Roles(
        administrators=tuple(policy.get("administrators", ())),
        users=tuple(policy.get("users", ())),
        read_only=tuple(policy.get("readOnly", ())),
        grantors=tuple(policy.get("grantors", ())),
        accounts=tuple(policy.get("accounts", ())),
        statements=tuple(policy.get("statements", ())),
        delegate_to_iam=policy.get("delegateToIam", True),
    )
    return canonical_json(to_json(compile_roles(roles, key=traits, account=account, partition=partition)))


def _found(invalid: InvalidPolicy, policy: Mapping[str, Any]) -> Iterator[Found]:
    for fault in invalid.faults:
        yield (
            _location(fault, policy),
            Message("invalid-policy", _what(fault, policy), "KMS would refuse the policy", fault.fix),
        )


def _location(fault: PolicyFault, policy: Mapping[str, Any]) -> Path:
    if "document" in policy:
        return ("document",) if isinstance(policy["document"], str) else ("document", *fault.location)
    return _spelled(fault)


def _what(fault: PolicyFault, policy: Mapping[str, Any]) -> str:
    location = fault.location if "document" in policy else _spelled(fault)
    return f"{field_name(location)}: {fault.what}" if location else f"the policy: {fault.what}"


def _spelled(fault: PolicyFault) -> Path:
    return tuple(_FIELDS.get(step, step) if isinstance(step, str) else step for step in fault.location)
