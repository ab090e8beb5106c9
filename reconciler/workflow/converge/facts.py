"""What was seen of each object, for its status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import assert_never

from reconciler.manifest.documents import Document, ManifestKind
from reconciler.model.address import Kind
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import AliasName, GrantId, KeyId, TargetName
from reconciler.model.observed import ObservedKey, ObservedState, ObservedTarget
from reconciler.plan.changes import Action, Change
from reconciler.plan.decide.lineage import Lineage, lineages
from reconciler.workflow.converge.verdicts import Facts


class Sight:
    """One reading, looked at from each object's side. Lookups are built once a target."""

    def __init__(self, desired: DesiredState, observed: ObservedState) -> None:
        self._observed = observed
        self._lineages: dict[TargetName, Mapping[str, Lineage]] = {
            name: lineages(target.keys.values(), desired.stack) for name, target in observed.targets.items()
        }
        self._aliases = {name: _aliases_of(target) for name, target in observed.targets.items()}

    def of(self, document: Document, target: TargetName, changes: tuple[Change, ...]) -> Facts:
        """The facts of `document`, whose object is on `target`, and of which the plan says `changes`."""
        seen = self._observed.targets.get(target)
        if seen is None:
            return Facts()
        match document.kind:
            case ManifestKind.KEY | ManifestKind.REPLICA_KEY:
                return self._key(document.name, target, seen, changes)
            case ManifestKind.ALIAS:
                alias = seen.aliases.get(AliasName(f"alias/{document.spec['name'].removeprefix('alias/')}"))
                return Facts(seen.account, seen.keys.get(alias.key_id) if alias and alias.key_id else None)
            case ManifestKind.GRANT:
                return _grant(seen, changes)
            case ManifestKind.CUSTOM_KEY_STORE:
                return Facts(seen.account, store=seen.stores.get(document.name))
            case ManifestKind.KEY_POLICY | ManifestKind.TARGET | ManifestKind.ACCESS_TEST:
                return Facts(seen.account)
            case _:
                assert_never(document.kind)

    def _key(self, name: str, target: TargetName, seen: ObservedTarget, changes: tuple[Change, ...]) -> Facts:
        key = self._lineages[target].get(name, Lineage()).current
        if key is None:
            return Facts(seen.account)
        undeclared = (change for change in changes if change.address.kind is Kind.ALIAS)
        return Facts(
            seen.account,
            key,
            tuple(sorted(self._aliases[target].get(key.key_id, ()))),
            tuple(
                AliasName(change.resource_id)
                for change in undeclared
                if change.action in (Action.ORPHAN, Action.DELETE) and change.resource_id
            ),
        )


def _grant(seen: ObservedTarget, changes: tuple[Change, ...]) -> Facts:
    found = (change.resource_id for change in changes if change.address.kind is Kind.GRANT)
    grant_id = next((GrantId(resource_id) for resource_id in found if resource_id), None)
    key = next((key for key in seen.keys.values() if _has(key, grant_id)), None) if grant_id else None
    return Facts(seen.account, key, grant_id=grant_id)


def _has(key: ObservedKey, grant_id: GrantId) -> bool:
    return any(grant.grant_id == grant_id for grant in key.grants or ())


def _aliases_of(target: ObservedTarget) -> Mapping[KeyId, list[AliasName]]:
    found: defaultdict[KeyId, list[AliasName]] = defaultdict(list)
    for alias in target.aliases.values():
        if alias.key_id:
            found[alias.key_id].append(alias.name)
    return found
