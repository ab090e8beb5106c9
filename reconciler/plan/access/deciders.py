"""The statement or grant that decides a request, in words and with its place in a file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address
from reconciler.model.desired import DesiredGrant, DesiredKey, DesiredState
from reconciler.model.observed import ObservedState
from reconciler.model.ownership import GrantName
from reconciler.plan.access.keyfacts import parsed
from reconciler.policy.access import Answer, KeyFacts
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Reason, Source, Trace

_LEFT_TO_IAM = "they are not known here, and the key policy lets them decide"


@dataclass(frozen=True, slots=True)
class Places:
    """Where what decides was declared; empty of what nobody declares."""

    keys: Mapping[Address, DesiredKey] = field(default_factory=dict)
    grants: Mapping[str, DesiredGrant] = field(default_factory=dict)
    """By grant id."""

    @classmethod
    def of(cls, desired: DesiredState, observed: ObservedState) -> Places:
        """Of what `desired` declares and `observed` has."""
        declared = {(grant.address.target, grant.address.name): grant for grant in desired.grants}
        grants = {
            str(grant.grant_id): declared[target, name.name]
            for target, seen in (observed.targets.items() if declared else ())
            for key in seen.keys.values()
            for grant in key.grants or ()
            if (name := GrantName.of(grant.name)) and name.stack == desired.stack and (target, name.name) in declared
        }
        return cls({key.address: key for key in desired.keys}, grants)

    def explain(self, key: KeyFacts, address: Address, answer: Answer) -> str:
        """Why the request is answered so, in a clause: the reason, what decides, and where that stands."""
        reason = _LEFT_TO_IAM if answer.reason is Reason.IDENTITY_POLICIES_UNKNOWN else answer.reason.value
        told = f"{reason}: {self._told(key, address, answer.decider)}" if answer.decider else reason
        if answer.reason is Reason.NOT_ALLOWED_BY_KEY_POLICY and answer.missing:
            told += f", and conditions look at what the request does not have: {', '.join(answer.missing)}"
        return told

    def _told(self, key: KeyFacts, address: Address, decider: Trace) -> str:
        if decider.source is Source.GRANT:
            grant = self.grants.get(decider.name)
            return _placed(str(grant.address), grant.position) if grant else f"grant {decider.name}"
        name = decider.sid or f"number {decider.index + 1}"
        told = f"statement {name} of {decider.name}" if decider.name else f"statement {name}"
        return _placed(told, self._of_statement(key, address, decider))

    def _of_statement(self, key: KeyFacts, address: Address, decider: Trace) -> Position | None:
        """Of a policy in force that is not the declared text, the statement with the same Sid."""
        declared = self.keys.get(address)
        if declared is None or not isinstance(declared.policy, str) or decider.source is not Source.KEY_POLICY:
            return None
        document = parsed(declared.policy)
        positions = declared.statement_positions
        if not isinstance(document, PolicyDocument) or len(positions) != len(document.statements):
            return None
        if document == key.policy:
            return positions[decider.index]
        sids = [statement.sid for statement in document.statements]
        return positions[sids.index(decider.sid)] if decider.sid and decider.sid in sids else None


def _placed(name: str, position: Position | None) -> str:
    return f"{name} ({position.file}:{position.line})" if position else name
