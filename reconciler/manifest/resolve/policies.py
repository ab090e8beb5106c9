"""The policy of each key as JSON text: its document, or its roles compiled for what the key is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict, overload

from reconciler.kit.absent import ABSENT, Absent
from reconciler.kit.canonical import canonical_json
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.manifest.checks.keys import KeyFacts
from reconciler.manifest.documents import Document, ManifestKind, Manifests, Message
from reconciler.manifest.enough import enough
from reconciler.manifest.positions import Path
from reconciler.manifest.resolve.principals import Found, check_principals, partition_for
from reconciler.manifest.resolve.where import Where
from reconciler.manifest.wording import field_name
from reconciler.policy.document import parse_document, to_json
from reconciler.policy.faults import InvalidPolicy, Location, PolicyFault
from reconciler.policy.naming import KeyPlace
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.roles import Roles, compile_roles

_FIELDS: Final = {"read_only": "readOnly", "delegate_to_iam": "delegateToIam"}
"""Fields of `Roles` that a manifest spells differently."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str | Absent
    origins: tuple[Path, ...] = ()
    """The way from the policy to what each statement comes from."""
    faults: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementPositions(Sequence[Position]):
    """Where each statement of a policy comes from, looked up when it is asked for: few of thousands of keys are."""

    holder: Document
    """The manifest that has the policy in it."""
    paths: tuple[Path, ...]
    """One a statement."""

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> Position: ...
    @overload
    def __getitem__(self, index: slice) -> StatementPositions: ...
    def __getitem__(self, index: int | slice) -> Position | StatementPositions:
        if isinstance(index, slice):
            return StatementPositions(self.holder, self.paths[index])
        return self.holder.at(self.paths[index], of_key=True)


class PolicyFields(TypedDict):
    """Fields of a desired key that its policy gives."""

    policy: str | Absent
    statement_positions: Sequence[Position]


_NO_POLICY: Final = PolicyFields(policy=ABSENT, statement_positions=())


class PolicyWriter:
    """Compiles each different policy once: thousands of keys share a few."""

    def __init__(self, manifests: Manifests) -> None:
        self._manifests = manifests
        self._known: dict[tuple[str, KeyTraits, Where], _Compiled] = {}

    def write(self, document: Document, facts: KeyFacts, where: Where, faults: list[Diagnostic]) -> PolicyFields:
        """The policy of the Key `document`, absent when it declares none; what is wrong goes to `faults`."""
        holder, path = self._holder(document)
        if holder is None:
            return _NO_POLICY
        policy: Mapping[str, Any] = holder.spec if len(path) == 1 else holder.spec["policy"]
        if facts.key_usage is None and "document" not in policy:
            return _NO_POLICY  # what users may do is not known, which was reported
        traits = KeyTraits(str(facts.key_usage), facts.key_spec, facts.origin, facts.multi_region)
        known = (canonical_json(policy), traits, where)
        if known not in self._known:
            self._known[known] = _compile(policy, traits, where)
        compiled = self._known[known]
        faults += enough(holder.fault((*path, *location), message) for location, message in compiled.faults)
        places = StatementPositions(holder, tuple((*path, *origin) for origin in compiled.origins))
        return PolicyFields(policy=compiled.text, statement_positions=places)

    def _holder(self, document: Document) -> tuple[Document | None, Path]:
        """The manifest that has the key's policy in it, and where."""
        if "policyRef" in document.spec:
            return self._manifests.get(ManifestKind.KEY_POLICY, document.spec["policyRef"]["name"]), ("spec",)
        return (document if "policy" in document.spec else None), ("spec", "policy")


def _compile(policy: Mapping[str, Any], traits: KeyTraits, where: Where) -> _Compiled:
    filled = where.pseudo.fill(policy)
    partition = partition_for(filled, where)
    faults = list(check_principals(filled, where, partition))
    compiled = _Compiled(ABSENT)
    try:
        compiled = _sound(filled, traits, KeyPlace(where.account_id, partition, where.region))
    except InvalidPolicy as invalid:
        told = {location for location, _ in faults}
        faults += (found for found in _found(invalid, filled) if found[0] not in told)
    return compiled if not faults else _Compiled(ABSENT, faults=tuple(faults))


def _sound(policy: Mapping[str, Any], traits: KeyTraits, place: KeyPlace) -> _Compiled:
    if "document" in policy:
        document = policy["document"]
        parsed = parse_document(document)
        text = canonical_json(json.loads(document) if isinstance(document, str) else document)
        return _Compiled(text, _origins_in(document, len(parsed.statements)))
    roles = Roles(
        administrators=tuple(policy.get("administrators", ())),
        users=tuple(policy.get("users", ())),
        read_only=tuple(policy.get("readOnly", ())),
        grantors=tuple(policy.get("grantors", ())),
        accounts=tuple(policy.get("accounts", ())),
        services=tuple(policy.get("services", ())),
        statements=tuple(policy.get("statements", ())),
        delegate_to_iam=policy.get("delegateToIam", True),
    )
    compiled = compile_roles(roles, key=traits, place=place)
    return _Compiled(canonical_json(to_json(compiled.document)), tuple(map(_spelled, compiled.origins)))


def _origins_in(document: object, count: int) -> tuple[Path, ...]:
    """Where the `count` statements of a document are: in JSON text, nobody looks further than where the text is."""
    if not isinstance(document, Mapping):
        return (("document",),) * count
    if isinstance(document["Statement"], Mapping):
        return (("document", "Statement"),)
    return tuple(("document", "Statement", index) for index in range(count))


def _found(invalid: InvalidPolicy, policy: Mapping[str, Any]) -> Iterator[Found]:
    for fault in invalid.faults:
        of_service = "document" not in policy and fault.location[:1] == ("services",)
        why = (
            "the statements for a service are written from its options" if of_service else "KMS would refuse the policy"
        )
        yield _location(fault, policy), Message("invalid-policy", _what(fault, policy), why, fault.fix)


def _location(fault: PolicyFault, policy: Mapping[str, Any]) -> Path:
    if "document" in policy:
        return ("document",) if isinstance(policy["document"], str) else ("document", *fault.location)
    return _spelled(fault.location)


def _what(fault: PolicyFault, policy: Mapping[str, Any]) -> str:
    location = fault.location if "document" in policy else _spelled(fault.location)
    return f"{field_name(location)}: {fault.what}" if location else f"the policy: {fault.what}"


def _spelled(location: Location) -> Path:
    return tuple(_FIELDS.get(step, step) if isinstance(step, str) else step for step in location)
