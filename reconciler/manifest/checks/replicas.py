"""Replicas of multi-Region keys: what a replica refers to, and what is its primary's to say.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.keys import KeyFacts, facts_from, facts_of
from reconciler.manifest.documents import Document, ManifestKind, Manifests, Message
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin, capabilities

_UNKNOWN = KeyFacts(KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS, multi_region=True)
"""Of a primary that is not declared, which is a fault of its own."""


def primary_of(document: Document, manifests: Manifests) -> Document | None:
    """The Key that a ReplicaKey replicates; None where no Key of that name is declared, or it is outside the run."""
    return manifests.get(ManifestKind.KEY, document.spec.get("primaryRef", {}).get("name", ""))


def shared_facts(document: Document, manifests: Manifests) -> KeyFacts:
    """What a Key is, or what a ReplicaKey is because its primary is so."""
    if document.kind is ManifestKind.KEY:
        return facts_of(document)
    if "primary" in document.spec:
        return facts_from({**document.spec["primary"], "multiRegion": True})
    primary = primary_of(document, manifests)
    return facts_of(primary) if primary else _UNKNOWN


def check_replica(document: Document) -> Iterator[Diagnostic]:
    """What is wrong with what a ReplicaKey says of a primary that no manifest declares."""
    if "primary" not in document.spec:
        return
    facts = facts_from(document.spec["primary"])
    usages = " or ".join(capabilities(facts.key_spec).usages)
    if facts.key_usage is None:
        what, why = f"a primary of {facts.key_spec} needs a `keyUsage`", f"it can be for {usages}"
        message = Message("key-usage-needed", what, why, "add the `keyUsage:` that the primary has")
        yield document.fault(("spec", "primary", "keySpec"), message)
    elif facts.key_usage not in capabilities(facts.key_spec).usages:
        what = f"a key of {facts.key_spec} cannot be for {facts.key_usage}"
        message = Message("invalid-key-combination", what, f"possible: {usages}", "write what the primary has")
        yield document.fault(("spec", "primary", "keyUsage"), message)


def check_primary(document: Document, manifests: Manifests) -> Iterator[Diagnostic]:
    """What is wrong with the primary that a ReplicaKey names, whichever Region each is in."""
    if "primaryRef" not in document.spec:
        return
    name = document.spec["primaryRef"]["name"]
    primary = primary_of(document, manifests)
    if primary is not None and not facts_of(primary).multi_region:
        yield document.fault(
            ("spec", "primaryRef", "name"),
            Message(
                "primary-not-multi-region",
                f"{primary} is no multi-Region key",
                "only a key that was created as one can be replicated",
                f"set `multiRegion: true` in {primary}; if its key is there already, with `replacement: NewKey`",
            ),
        )
    elif primary is None and (other := manifests.get(ManifestKind.REPLICA_KEY, name)) is not None:
        yield document.fault(("spec", "primaryRef", "name"), _replica_of_replica(document, other))


def _replica_of_replica(document: Document, other: Document) -> Message:
    what = "it names itself as its primary" if other is document else f"{other} is a replica, not a primary"
    root = other.spec.get("primaryRef", {}).get("name")
    fix = f"name its primary, Key/{root}" if root and other is not document else "name a Key"
    return Message("replica-of-replica", what, "every replica is made of the primary, wherever that is", fix)
