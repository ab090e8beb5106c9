"""What `kmsctl export` does: read keys, and write the manifests that adopt them as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.manifest.documents import ManifestKind
from reconciler.model.desired import AdoptAlias, AdoptKeyId
from reconciler.model.observed import ObservedState
from reconciler.model.scope import Scope, Wanted
from reconciler.report.yaml.export import Export, Exported, LeftOut
from reconciler.workflow.export import values
from reconciler.workflow.export.choice import Candidate, candidates, obstacle, unread
from reconciler.workflow.export.primaries import Primaries
from reconciler.workflow.export.trial import faults_of
from reconciler.workflow.naming import name_after, unused
from reconciler.workflow.request import Request
from reconciler.workflow.session import Session, observe_all

_FACETS: Final = Wanted(policy=True, rotation=True)


def export(session: Session, request: Request, asked: Sequence[str] = ()) -> Export:
    """Manifests of the keys that are `asked` for, or of all that are no stack's.

    Raises:
        KmsError: a target refused to be read.
        KmsctlError: a key that is asked for is not there.
    """
    observed = observe_all(session, dict.fromkeys(session.connections, _scope(session, asked)))
    writer = _Writer(session, request, observed)
    for name, target in sorted(observed.targets.items()):
        writer.left_out += unread(target) if not asked else []
        for candidate in candidates(name, target, asked):
            writer.add(candidate)
    accounts = tuple(target.account for _, target in sorted(observed.targets.items()))
    return Export(accounts, (*writer.primaries.targets(), *writer.written), tuple(writer.left_out))


def _scope(session: Session, asked: Sequence[str]) -> Scope:
    stack = session.desired.stack
    if asked:
        return Scope(stack, external=dict.fromkeys(asked, _FACETS), others=None)
    return Scope(stack, everything=True, unmanaged=_FACETS)


@dataclass(slots=True)
class _Writer:
    session: Session
    request: Request
    observed: ObservedState
    written: list[Exported] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    taken: set[str] = field(init=False)
    primaries: Primaries = field(init=False)

    def __post_init__(self) -> None:
        manifests = self.request.manifests
        kinds = (ManifestKind.KEY, ManifestKind.REPLICA_KEY)
        self.taken = {name for kind in kinds for name in manifests.names(kind)}
        self.primaries = Primaries(self.session.targets, manifests.targets)

    def add(self, candidate: Candidate) -> None:
        """Write the manifest of a key, or why there is none."""
        why = self._declared(candidate) or obstacle(candidate.key, self.session.desired.stack)
        if why is None:
            exported, why = self._tried(candidate)
            if exported is not None:
                self.taken.add(exported.value["metadata"]["name"])
                self.written.append(exported)
                return
        self.left_out.append(LeftOut(candidate.title, why))

    def _declared(self, candidate: Candidate) -> str | None:
        names = {candidate.key.key_id, candidate.key.arn, *candidate.aliases}
        for key in self.session.desired.keys:
            match key.adopt:
                case AdoptKeyId(reference) | AdoptAlias(reference) if key.address.target == candidate.target:
                    if reference in names:
                        return f"{key.address} adopts it already"
        return None

    def _tried(self, candidate: Candidate) -> tuple[Exported | None, str]:
        """With its policy where manifests can say it, else without; nothing when even that is refused."""
        why = "its policy is not one that a manifest can say"
        for exported in self._drafts(candidate):
            faults = faults_of(exported.value, self.observed.targets[candidate.target].account, self.session)
            if not faults:
                return exported, ""
            why = faults[0].what
        return None, why

    def _drafts(self, candidate: Candidate) -> Iterator[Exported]:
        key = candidate.key
        kind, bare = self._bare(candidate)
        policy, comments = values.policy_of(key), tuple(values.not_said(key))
        if policy is not None:
            spec = {**bare["spec"], "policy": {"document": policy}}
            yield Exported({**bare, "spec": spec}, comments)
        yield Exported(bare, (*comments, f"Its policy is left as it is: no {kind} can say it."))

    def _bare(self, candidate: Candidate) -> tuple[str, dict[str, Any]]:
        key = candidate.key
        if key.is_replica:
            primary = self.primaries.of(candidate.target, key)
            return "ReplicaKey", values.manifest(
                "ReplicaKey",
                self._place(candidate, f"-{key.region}"),
                values.of_replica(key, candidate.aliases, primary),
            )
        return "Key", values.manifest("Key", self._place(candidate), values.of_key(key, candidate.aliases))

    def _place(self, candidate: Candidate, suffix: str = "") -> values.Place:
        name = unused(name_after(candidate.aliases, candidate.key.arn) + suffix, self.taken)
        chosen = candidate.target or self.request.choice.run_target
        return values.Place(name, chosen if chosen in self.request.manifests.targets else None)
