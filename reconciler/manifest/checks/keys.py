"""Fields of a Key that do not go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.aliases import bare, check_alias_name
from reconciler.manifest.checks.tags import check_tags
from reconciler.manifest.documents import Document, Message
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin, capabilities, rotates_by_itself, rotates_on_demand

_STORES: Final = (Origin.AWS_CLOUDHSM, Origin.EXTERNAL_KEY_STORE)


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a Key's immutable fields say together."""

    key_spec: KeySpec
    key_usage: KeyUsage | None
    """None when the key spec allows several and none is declared, which is a fault."""
    origin: Origin
    multi_region: bool


def facts_of(document: Document) -> KeyFacts:
    """The immutable fields of a Key, defaults filled in."""
    return facts_from(document.spec)


def facts_from(spec: Mapping[str, Any]) -> KeyFacts:
    """The same of fields as a manifest spells them, wherever they stand."""
    key_spec = KeySpec(spec.get("keySpec", KeySpec.SYMMETRIC_DEFAULT))
    usage = KeyUsage(spec["keyUsage"]) if "keyUsage" in spec else capabilities(key_spec).only_usage
    return KeyFacts(key_spec, usage, Origin(spec.get("origin", Origin.AWS_KMS)), spec.get("multiRegion", False))


def check_key(document: Document) -> Iterator[Diagnostic]:
    """Everything wrong with a Key that shows without its policy and without other manifests."""
    facts = facts_of(document)
    yield from _check_combination(document, facts)
    yield from _check_rotation(document, facts)
    yield from _check_adoption(document, facts)
    yield from _check_primary_region(document, facts)
    yield from check_independent(document)


def check_independent(document: Document) -> Iterator[Diagnostic]:
    """Everything wrong with tags, aliases and the choice of a policy: what each of related keys has for itself."""
    yield from check_tags(document)
    for index, _ in enumerate(document.spec.get("aliases", ())):
        yield from check_alias_name(document, ("spec", "aliases", index))
    if "policy" in document.spec and "policyRef" in document.spec:
        yield document.fault(
            ("spec", "policyRef"),
            Message(
                "conflicting-fields",
                "`spec` has `policy` and `policyRef`",
                "a key has one policy",
                "keep one of them",
            ),
            of_key=True,
        )


def _check_combination(document: Document, facts: KeyFacts) -> Iterator[Diagnostic]:
    can = capabilities(facts.key_spec)
    usages, origins = " or ".join(can.usages), ", ".join(can.origins)
    if facts.key_usage is None:
        yield document.fault(
            ("spec", "keySpec"),
            Message(
                "key-usage-needed",
                f"a key of {facts.key_spec} needs a `keyUsage`",
                f"it can be for {usages}, and that can never be changed",
                "add `keyUsage:`",
            ),
        )
    elif facts.key_usage not in can.usages:
        what = f"a key of {facts.key_spec} cannot be for {facts.key_usage}"
        yield _combination(document, ("keyUsage", "keySpec"), what, usages)
    if facts.origin not in can.origins:
        what = f"a key of {facts.key_spec} cannot have the origin {facts.origin}"
        yield _combination(document, ("origin", "keySpec"), what, origins)
    elif facts.origin in _STORES and facts.multi_region:
        what = f"a key of origin {facts.origin} cannot be multi-Region"
        yield _combination(document, ("multiRegion", "origin"), what, "false")


def _combination(document: Document, fields: tuple[str, str], what: str, possible: str) -> Diagnostic:
    field, other = fields
    message = Message("invalid-key-combination", what, f"possible: {possible}", f"change `{field}` or `{other}`")
    return document.fault(("spec", field), message)


def _check_rotation(document: Document, facts: KeyFacts) -> Iterator[Diagnostic]:
    rotation = document.spec.get("rotation", {})
    possible = {
        "automatic": (rotates_by_itself(facts.key_spec, facts.origin), "SYMMETRIC_DEFAULT keys of origin AWS_KMS"),
        "onDemand": (rotates_on_demand(facts.key_spec, facts.origin), "SYMMETRIC_DEFAULT keys outside key stores"),
    }
    for mode, (applies, those) in possible.items():
        if mode in rotation and not applies:
            yield document.fault(
                ("spec", "rotation", mode),
                Message(
                    "rotation-not-possible",
                    f"`{mode}` rotation is not possible for a key of {facts.key_spec} and origin {facts.origin}",
                    f"KMS rotates the material of {those} only",
                    "use `manual: {everyDays: N}`, which makes a new key and moves the aliases, or `none: {reason: …}`",
                ),
                of_key=True,
            )


def _check_primary_region(document: Document, facts: KeyFacts) -> Iterator[Diagnostic]:
    if "primaryRegion" in document.spec and not facts.multi_region:
        yield document.fault(
            ("spec", "primaryRegion"),
            Message(
                "primary-not-multi-region",
                "`primaryRegion` is declared of a key that has one Region",
                "only a multi-Region key has a primary that can be in another Region",
                "set `multiRegion: true`, which a key can only be created with, or remove it",
            ),
            of_key=True,
        )


def _check_adoption(document: Document, facts: KeyFacts) -> Iterator[Diagnostic]:
    adopt = document.spec.get("adopt", {})
    if "alias" in adopt and bare(adopt["alias"]).startswith("aws/"):
        yield document.fault(
            ("spec", "adopt", "alias"),
            Message(
                "reserved-alias",
                f"the key of alias/{bare(adopt['alias'])} cannot be adopted",
                "keys behind alias/aws/ are managed by AWS and cannot be changed",
                "adopt a customer managed key",
            ),
        )
    key_id = adopt.get("keyId", "").rpartition("/")[2]
    if key_id and key_id.startswith("mrk-") is not facts.multi_region:
        kind = "single" if facts.multi_region else "multi"
        declared, other = ("true", "false") if facts.multi_region else ("false", "true")
        yield document.fault(
            ("spec", "adopt", "keyId"),
            Message(
                "adoption-conflict",
                f"the key to adopt is a {kind}-Region key, and the manifest declares `multiRegion: {declared}`",
                "ids of multi-Region keys, and only those, begin with mrk-; that can never be changed",
                f"set `multiRegion: {other}`, or adopt another key",
            ),
        )
