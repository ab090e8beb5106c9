"""Where the related keys of a multi-Region key may be: each in a Region of its own, of one account and partition.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html (ReplicaRegion) and
https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html (PrimaryRegion).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.replicas import primary_of
from reconciler.manifest.documents import Document, ManifestKind, Manifests, Message
from reconciler.manifest.positions import Path
from reconciler.manifest.resolve.replicas import primary_target
from reconciler.manifest.resolve.where import Where
from reconciler.model.identifiers import TargetName


@dataclass(frozen=True, slots=True)
class _Related:
    """A ReplicaKey, its primary, and where both are."""

    document: Document
    primary: str
    """What the primary is called: `Key/orders`, or its ARN."""
    here: Where
    there: Where


def check_regions(manifests: Manifests, where: Mapping[TargetName, Where]) -> Iterator[Diagnostic]:
    """What cannot be where it is declared to be; Regions and accounts that nobody knows yet are not judged."""
    replicas = manifests.of_kind(ManifestKind.REPLICA_KEY)
    related = [one for document in replicas if (one := _of(document, manifests, where))]
    for one in related:
        yield from _check_pair(one)
    yield from _check_unique(related)
    yield from _check_primary_regions(manifests, where, related)


def _of(document: Document, manifests: Manifests, where: Mapping[TargetName, Where]) -> _Related | None:
    here = where[document.target]
    if "primary" in document.spec:
        return _Related(document, document.spec["primary"]["keyArn"], here, where[primary_target(document)])
    primary = primary_of(document, manifests)
    return _Related(document, str(primary), here, where[primary.target]) if primary else None


def _check_pair(one: _Related) -> Iterator[Diagnostic]:
    here, there = one.here, one.there
    if here.region_known and there.region_known and here.partition != there.partition:
        what = f"it is in the partition {here.partition}, and {one.primary} in {there.partition}"
        yield _fault(one, Message("replica-partition", what, "keys are replicated within one partition", _MOVE))
    elif here.account_known and there.account_known and here.account_id != there.account_id:
        what = f"it is in account {here.account_id}, and {one.primary} in account {there.account_id}"
        why = "KMS replicates keys within one account; for use from another, the policy can name `accounts`"
        yield _fault(one, Message("replica-account", what, why, "name a Target of the primary's account"))
    elif _is_one_region(here, there):
        region = f" ({here.region})" if here.region_known else ""
        what = f"it is in the Region of {one.primary}{region}"
        yield _fault(one, Message("replica-region", what, "a Region has one of the related keys", _MOVE))


_MOVE = "name a Target in another Region"


def _check_unique(related: list[_Related]) -> Iterator[Diagnostic]:
    first: dict[tuple[str, str], _Related] = {}
    for one in related:
        place = one.here.region if one.here.region_known else f"target {one.here.target}"
        other = first.setdefault((one.primary, place), one)
        if other is not one:
            what = f"it is the second replica of {one.primary} in one Region"
            why = f"the first is {other.document}; a Region has one of the related keys"
            yield _fault(one, Message("duplicate-replica", what, why, "remove one of them, or name another Target"))


def _check_primary_regions(
    manifests: Manifests, where: Mapping[TargetName, Where], related: list[_Related]
) -> Iterator[Diagnostic]:
    replicas: defaultdict[str, list[Where]] = defaultdict(list)
    for one in related:
        replicas[one.primary].append(one.here)
    for document in manifests.of_kind(ManifestKind.KEY):
        places = [where[document.target], *replicas[str(document)]]
        wanted = document.spec.get("primaryRegion")
        if wanted is None or not all(place.region_known for place in places):
            continue
        regions = sorted({place.region for place in places})
        if wanted not in regions:
            message = Message(
                "primary-region-without-key",
                f"`primaryRegion` is {wanted}, where none of its keys is declared",
                f"it and its replicas are in {', '.join(regions)}",
                "declare a ReplicaKey there, or name one of these Regions",
            )
            yield document.fault(("spec", "primaryRegion"), message)


def _is_one_region(here: Where, there: Where) -> bool:
    if here.target == there.target:
        return True
    return here.region_known and there.region_known and here.region == there.region


def _fault(one: _Related, message: Message) -> Diagnostic:
    path: Path = ("spec", "targetRef", "name") if "targetRef" in one.document.spec else ("spec",)
    return one.document.fault(path, message, of_key=path == ("spec",))
