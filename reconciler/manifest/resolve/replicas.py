"""A ReplicaKey manifest to a desired key: what it says itself, and what its primary says for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.kit.absent import ABSENT, Absent
from reconciler.kit.arn import Arn
from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.printable import printable
from reconciler.manifest.checks.replicas import primary_of, shared_facts
from reconciler.manifest.documents import Document, Manifests, Message
from reconciler.manifest.resolve.externals import check_key_reference
from reconciler.manifest.resolve.keys import independent_fields, rotation_of
from reconciler.manifest.resolve.material import material_of
from reconciler.manifest.resolve.policies import PolicyWriter
from reconciler.manifest.resolve.where import Where
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptReplica,
    DesiredKey,
    ExternalPrimary,
    ManagedKey,
    ManualRotation,
    PrimaryReference,
)
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage
from reconciler.model.material import ImportedMaterial

MULTI_REGION_PREFIX = "mrk-"
"""Of the ids of multi-Region keys, and only of those.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""


@dataclass(frozen=True, slots=True)
class Replicas:
    """What it takes to resolve the replicas of a run."""

    manifests: Manifests
    where: Mapping[TargetName, Where]
    """By the names that manifests use."""
    policies: PolicyWriter

    def desired(self, document: Document, faults: list[Diagnostic]) -> DesiredKey:
        """The replica that `document` declares; what is wrong goes to `faults`."""
        here, facts = self.where[document.target], shared_facts(document, self.manifests)
        faults += self._check_external(document)
        return DesiredKey(
            address=Address(Kind.REPLICA_KEY, document.name, here.target),
            position=document.position,
            key_spec=facts.key_spec,
            key_usage=facts.key_usage or KeyUsage.ENCRYPT_DECRYPT,
            origin=facts.origin,
            multi_region=True,
            material=self._material(document, facts.key_spec),
            primary=self._primary(document),
            **self.policies.write(document, facts, here, faults),
            rotation=self._rotation(document),
            adopt=AdoptReplica() if document.spec.get("adopt", False) else None,
            **independent_fields(document, here),
        )

    def _primary(self, document: Document) -> PrimaryReference:
        if "primary" in document.spec:
            there = self.where[primary_target(document)]
            return ExternalPrimary(there.target, there.pseudo.text(document.spec["primary"]["keyArn"]))
        name = document.spec["primaryRef"]["name"]
        primary = primary_of(document, self.manifests)
        return ManagedKey(Address(Kind.KEY, name, self.where[primary.target].target if primary else RUN_TARGET))

    def _rotation(self, document: Document) -> ManualRotation | Absent:
        """That of the primary where it makes successors: the replicas of old keys go as the old keys go."""
        primary = primary_of(document, self.manifests)
        rotation = rotation_of(primary.spec) if primary else ABSENT
        return rotation if isinstance(rotation, ManualRotation) else ABSENT

    def _material(self, document: Document, key_spec: KeySpec) -> ImportedMaterial | None:
        """That of the primary: KMS does not copy what was imported, and each related key needs the same."""
        primary = primary_of(document, self.manifests)
        return material_of(primary, key_spec) if primary else None

    def _check_external(self, document: Document) -> Iterator[Diagnostic]:
        if "primary" not in document.spec:
            return
        path, there = ("spec", "primary", "keyArn"), self.where[primary_target(document)]
        text = there.pseudo.text(document.spec["primary"]["keyArn"])
        messages = tuple(check_key_reference(text, there, own_account=True, aliases=False))
        yield from (document.fault(path, message) for message in messages)
        if not messages and Arn.parse(text) is None:
            why = "only the ARN says in which Region the primary is"
            yield document.fault(
                path, Message("invalid-key-reference", f"{printable(text)} is no key ARN", why, "write its ARN")
            )
        if not messages and not text.rpartition("/")[2].startswith(MULTI_REGION_PREFIX):
            what, why = f"{printable(text)} is no multi-Region key", "ids of multi-Region keys begin with mrk-"
            yield document.fault(path, Message("primary-not-multi-region", what, why, "name a multi-Region key"))


def primary_target(document: Document) -> TargetName:
    """The Target of a primary that no manifest declares, as the manifest names it."""
    return TargetName(document.spec["primary"].get("targetRef", {}).get("name", RUN_TARGET))
