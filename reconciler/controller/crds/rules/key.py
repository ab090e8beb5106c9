"""Rules of a Key."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rule import Rule
from reconciler.controller.crds.rules import material
from reconciler.controller.crds.rules.keyspecs import (
    MULTI_REGION,
    ONE_REGION,
    ORIGIN,
    ORIGIN_FITS,
    SPEC,
    STORES,
    USAGE_FITS,
    USAGE_NEEDED,
    specs,
)
from reconciler.controller.crds.rules.shared import KEY_ID, fixed, independent, same_target
from reconciler.model.keyspec import Origin, rotates_by_itself, rotates_on_demand


def _fixed(name: str, default: str = "") -> Rule:
    """What KMS fixes at creation; with a default, leaving it out says the same as the default."""
    here, there = f"self.spec.{name}", f"oldSelf.spec.{name}"
    if default:
        differs = f"(has({here}) ? {here} : {default}) != (has({there}) ? {there} : {default})"
    else:
        differs = f"has({here}) && has({there}) && {here} != {there}"
    return fixed(
        name,
        f"!(has(self.spec.replacement) && self.spec.replacement == 'NewKey') && {differs}",
        "keyId",
        f"`{name}` can never change: KMS fixed it when the key was created; set `replacement: NewKey`, which makes a "
        "new key, moves the aliases and keeps the old one, or declare another Key",
    )


def _rotation(mode: str, possible: str, those: str) -> Rule:
    return Rule(
        f"!has(self.rotation) || !has(self.rotation.{mode}) || ({possible})",
        f"`{mode}` rotation is not possible for this key: KMS rotates the material of {those} only; use `manual: "
        "{everyDays: N}`, which makes a new key and moves the aliases, or `none: {reason: …}`",
        f".rotation.{mode}",
    )


_COMBINATIONS: Final = (
    USAGE_NEEDED,
    USAGE_FITS,
    ORIGIN_FITS,
    ONE_REGION,
    _rotation(
        "automatic",
        f"{SPEC} in {specs(lambda spec: rotates_by_itself(spec, Origin.AWS_KMS))} && {ORIGIN} == 'AWS_KMS'",
        "SYMMETRIC_DEFAULT keys of origin AWS_KMS",
    ),
    _rotation(
        "onDemand",
        f"{SPEC} in {specs(lambda spec: rotates_on_demand(spec, Origin.AWS_KMS))} && !({ORIGIN} in {STORES})",
        "SYMMETRIC_DEFAULT keys outside key stores",
    ),
    Rule(
        f"!has(self.primaryRegion) || {MULTI_REGION}",
        "`primaryRegion` is declared of a key that has one Region: only a multi-Region key has a primary that can be "
        "in another Region; set `multiRegion: true`, which a key can only be created with, or remove it",
        ".primaryRegion",
    ),
)
_ADOPTION: Final = (
    Rule(
        "!has(self.adopt) || !has(self.adopt.keyId) || self.adopt.keyId.endsWith('/') || "
        f"self.adopt.keyId.matches('(^|/)mrk-[^/]*$') == {MULTI_REGION}",
        "the key to adopt has one Region and the manifest declares several, or the other way round: ids of "
        "multi-Region keys, and only those, begin with mrk-; correct `multiRegion`, or adopt another key",
        ".adopt.keyId",
    ),
    Rule(
        "!has(self.adopt) || !has(self.adopt.alias) || "
        "!(self.adopt.alias.startsWith('aws/') || self.adopt.alias.startsWith('alias/aws/'))",
        "keys behind alias/aws/ are managed by AWS and cannot be changed; adopt a customer managed key",
        ".adopt.alias",
    ),
)
_CUSTODY: Final = (
    Rule(
        f"!({ORIGIN} in {STORES}) || has(self.customKeyStoreRef) || has(self.adopt)",
        "a key of this origin cannot be created: its material lives in a custom key store, and no `customKeyStoreRef` "
        "names one; add it, take an existing key over with `adopt:`, or use the origin AWS_KMS",
        ".origin",
    ),
    Rule(
        f"!has(self.customKeyStoreRef) || {ORIGIN} in {STORES}",
        "`customKeyStoreRef` is of keys of origin AWS_CLOUDHSM or EXTERNAL_KEY_STORE; set `origin`, or remove it",
        ".customKeyStoreRef",
    ),
    Rule(
        f"!has(self.xksKeyId) || {ORIGIN} == 'EXTERNAL_KEY_STORE'",
        "`xksKeyId` is of keys of origin EXTERNAL_KEY_STORE; set `origin`, or remove it",
        ".xksKeyId",
    ),
    Rule(
        f"!has(self.customKeyStoreRef) || {ORIGIN} != 'EXTERNAL_KEY_STORE' || has(self.xksKeyId)",
        "`xksKeyId` is missing: behind a key of an external key store is a key of the external manager; add the id "
        "that the proxy knows it by",
    ),
    Rule(
        "!has(self.xksKeyId) || !has(self.rotation) || !has(self.rotation.manual)",
        "`spec` has `xksKeyId` and `manual` rotation: no two keys have the same external key behind them; use `none: "
        "{reason: …}`; the material is the external key manager's to rotate",
        ".rotation.manual",
    ),
)

RULES: Final = (
    *at(
        "",
        _fixed("keySpec", "'SYMMETRIC_DEFAULT'"),
        _fixed("keyUsage"),
        _fixed("origin", "'AWS_KMS'"),
        _fixed("multiRegion", "false"),
        _fixed("customKeyStoreRef"),
        _fixed("xksKeyId"),
        same_target("keyId"),
    ),
    *at("spec.adopt.keyId", KEY_ID),
    *at("spec", *_COMBINATIONS, *_ADOPTION, *_CUSTODY, *material.RULES),
    *independent(),
)
