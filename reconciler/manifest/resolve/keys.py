"""A Key manifest to a desired key and its aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from reconciler.kit.absent import ABSENT, Absent
from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.aliases import bare, full
from reconciler.manifest.checks.keys import facts_of
from reconciler.manifest.documents import Document, Message
from reconciler.manifest.resolve.externals import check_key_reference
from reconciler.manifest.resolve.material import material_of
from reconciler.manifest.resolve.policies import PolicyWriter
from reconciler.manifest.resolve.where import Where
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    Adoption,
    AdoptKeyId,
    AdoptTags,
    AutomaticRotation,
    Deletion,
    DesiredAlias,
    DesiredKey,
    Ignore,
    ManagedKey,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
    Rotation,
)
from reconciler.model.identifiers import Days
from reconciler.model.keyspec import KeySpec, KeyUsage


def desired_key(document: Document, where: Where, policies: PolicyWriter, faults: list[Diagnostic]) -> DesiredKey:
    """The key that `document` declares; what is wrong goes to `faults`."""
    spec, facts = document.spec, facts_of(document)
    faults += _check(document, where)
    return DesiredKey(
        address=Address(Kind.KEY, document.name, where.target),
        position=document.position,
        key_spec=facts.key_spec,
        key_usage=facts.key_usage or KeyUsage.ENCRYPT_DECRYPT,
        origin=facts.origin,
        multi_region=facts.multi_region,
        primary_region=spec.get("primaryRegion"),
        **policies.write(document, facts, where, faults),
        rotation=rotation_of(spec),
        adopt=_adoption(spec.get("adopt"), where),
        replacement=spec.get("replacement", "Forbid"),
        material=material_of(document, facts.key_spec),
        store=_store(spec, where),
        xks_key_id=spec.get("xksKeyId"),
        **independent_fields(document, where),
    )


class IndependentFields(TypedDict):
    """Fields of a desired key that each of the related keys of a multi-Region key has for itself."""

    description: str | Absent
    enabled: bool | Absent
    tags: Mapping[str, str] | Absent
    deletion: Deletion
    ignore: Ignore


def independent_fields(document: Document, where: Where) -> IndependentFields:
    """What a Key or a ReplicaKey says of them; its policy is compiled apart."""
    spec, pseudo = document.spec, where.pseudo
    ignore = _ignore(spec.get("ignore", {}))
    return IndependentFields(
        description=pseudo.text(spec["description"]) if "description" in spec else ABSENT,
        enabled=_enabled(spec, ignore),
        tags=pseudo.fill(spec["tags"]) if "tags" in spec else ABSENT,
        deletion=_deletion(spec.get("deletion", {})),
        ignore=ignore,
    )


def aliases_of_key(document: Document, where: Where) -> Iterator[DesiredAlias]:
    """The aliases that a Key or a ReplicaKey declares itself."""
    key = ManagedKey(key_address(document, where))
    for index, name in enumerate(document.spec.get("aliases", ())):
        address = Address(Kind.ALIAS, bare(name), where.target)
        yield DesiredAlias(address, document.at(("spec", "aliases", index)), full(name), key)


def key_address(document: Document, where: Where) -> Address:
    """What the key that a Key or a ReplicaKey declares is called."""
    return Address(Kind(str(document.kind)), document.name, where.target)


def _check(document: Document, where: Where) -> Iterator[Diagnostic]:
    spec = document.spec
    if spec.get("keySpec") == KeySpec.SM2 and where.region_known and where.partition != "aws-cn":
        yield document.fault(
            ("spec", "keySpec"),
            Message(
                "invalid-key-combination",
                f"a key of SM2 cannot be in the Region {where.region}",
                "KMS has SM2 in the Regions of China only",
                "choose another key spec, or a target in China",
            ),
        )
    if "keyId" in spec.get("adopt", {}):
        text = where.pseudo.text(spec["adopt"]["keyId"])
        for message in check_key_reference(text, where, own_account=True, aliases=False):
            yield document.fault(("spec", "adopt", "keyId"), message)


def _enabled(spec: Mapping[str, Any], ignore: Ignore) -> bool | Absent:
    if "enabled" in spec:
        return bool(spec["enabled"])
    return ABSENT if "enabled" in ignore.fields else True


def rotation_of(spec: Mapping[str, Any]) -> Rotation | Absent:
    """What a Key declares of its rotation."""
    match spec.get("rotation"):
        case {"automatic": mode}:
            return AutomaticRotation(Days(mode["periodDays"])) if "periodDays" in mode else AutomaticRotation()
        case {"onDemand": mode}:
            return OnDemandRotation(mode["serial"])
        case {"manual": mode}:
            return ManualRotation(Days(mode["everyDays"]), mode.get("keep"))
        case {"none": mode}:
            return NoRotation(mode["reason"])
        case _:
            return ABSENT


def _deletion(deletion: Mapping[str, Any]) -> Deletion:
    default = Deletion()
    return Deletion(
        policy=deletion.get("policy", default.policy),
        window=Days(deletion.get("windowDays", default.window)),
        protect=deletion.get("protect", default.protect),
    )


def _store(spec: Mapping[str, Any], where: Where) -> Address | None:
    reference = spec.get("customKeyStoreRef")
    return Address(Kind.CUSTOM_KEY_STORE, reference["name"], where.target) if reference else None


def _adoption(adopt: Mapping[str, Any] | None, where: Where) -> Adoption | None:
    match adopt:
        case {"keyId": key_id}:
            return AdoptKeyId(where.pseudo.text(key_id))
        case {"alias": alias}:
            return AdoptAlias(full(alias))
        case {"tags": tags}:
            return AdoptTags(where.pseudo.fill(tags))
        case _:
            return None


def _ignore(ignore: Mapping[str, Any]) -> Ignore:
    return Ignore(tuple(ignore.get("tags", ())), frozenset(ignore.get("fields", ())))
