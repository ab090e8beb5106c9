"""Names that only one object can have: the oldest object keeps them, whoever comes later is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator

from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.objects.seen import Seen
from reconciler.manifest.checks.references import alias_places
from reconciler.manifest.documents import KEY_KINDS, ManifestKind
from reconciler.model.identifiers import RUN_TARGET, TargetName

Claim = Hashable
_PREFIX = "alias/"


def _alias_claim(alias: str, target: TargetName) -> Claim:
    return f"{alias} on target {target}"


_Rank = tuple[str, ObjectRef]


class Claims:
    """Who declares which alias and which key store on a target, in any namespace, and which key name in a namespace."""

    def __init__(self, default_target: TargetName) -> None:
        self._default = default_target
        self._claimants: defaultdict[Claim, dict[ObjectRef, _Rank]] = defaultdict(dict)
        self._of: dict[ObjectRef, frozenset[Claim]] = {}

    def put(self, seen: Seen) -> frozenset[ObjectRef]:
        """Note what `seen` claims; whoever contends for what it gave up or took has to look again."""
        claims = frozenset(self._claims(seen)) if not seen.deleting else frozenset()
        before = self._of.get(seen.ref, frozenset())
        rank = (seen.created, seen.ref)
        if claims == before and all(self._claimants[claim][seen.ref] == rank for claim in claims):
            return frozenset()
        touched = self._drop(seen.ref, before - claims)
        for claim in claims:
            self._claimants[claim][seen.ref] = rank
            touched |= self._claimants[claim].keys()
        self._of[seen.ref] = claims
        return frozenset(touched - {seen.ref})

    def remove(self, ref: ObjectRef) -> frozenset[ObjectRef]:
        """Forget an object; who may have now what it had."""
        return frozenset(self._drop(ref, self._of.pop(ref, frozenset())))

    def rival(self, ref: ObjectRef, counts: Callable[[ObjectRef], bool]) -> tuple[Claim, ObjectRef] | None:
        """What `ref` claims and an older object has, and which; None when it has all that it claims.

        Args:
            ref: the object that asks.
            counts: whether an object may use the Target of `ref`; who may not has no name there, however old it is.
        """
        for claim in sorted(self._of.get(ref, ()), key=str):
            first = min(rank for rank in self._claimants[claim].values() if rank[1] == ref or counts(rank[1]))[1]
            if first != ref:
                return claim, first
        return None

    def claimants(self, alias: str, target: TargetName) -> frozenset[ObjectRef]:
        """Who declares an alias, by its name with the prefix, on a target."""
        return frozenset(self._claimants.get(_alias_claim(alias, target), ()))

    def _drop(self, ref: ObjectRef, claims: frozenset[Claim]) -> set[ObjectRef]:
        left: set[ObjectRef] = set()
        for claim in claims:
            claimants = self._claimants[claim]
            claimants.pop(ref, None)
            left |= claimants.keys()
            if not claimants:
                del self._claimants[claim]
        return left

    def _claims(self, seen: Seen) -> Iterator[Claim]:
        document = seen.sound
        if document is None:
            return
        target = self._default if document.target == RUN_TARGET else document.target
        for name, _ in alias_places(document):
            yield _alias_claim(f"{_PREFIX}{name}", target)
        if document.kind in KEY_KINDS:
            yield f"the key name {document.name} in namespace {seen.ref.namespace}"
        if document.kind is ManifestKind.CUSTOM_KEY_STORE:
            yield f"the custom key store {document.name} on target {target}"
