"""What a key spec allows, from the table of the model, as CEL. `self` is what has the fields `keySpec` and so on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from reconciler.controller.crds.rule import Rule, among, text
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin, capabilities

SPEC: Final = "(has(self.keySpec) ? self.keySpec : 'SYMMETRIC_DEFAULT')"
ORIGIN: Final = "(has(self.origin) ? self.origin : 'AWS_KMS')"
MULTI_REGION: Final = "(has(self.multiRegion) && self.multiRegion)"
STORES: Final = among((Origin.AWS_CLOUDHSM, Origin.EXTERNAL_KEY_STORE))


def specs(which: Callable[[KeySpec], bool]) -> str:
    """The key specs for which `which` holds, as a list in CEL."""
    return among(spec for spec in KeySpec if which(spec))


def by_value(values: Iterable[str], of: Callable[[KeySpec], Collection[str]]) -> str:
    """By each of `values`, the key specs that have it among those which `of` gives, as a map in CEL."""
    entries = (f"{text(value)}: {among(spec for spec in KeySpec if value in of(spec))}" for value in values)
    return f"{{{', '.join(entries)}}}"


_SEVERAL: Final = specs(lambda spec: capabilities(spec).only_usage is None)
_BY_USAGE: Final = by_value(KeyUsage, lambda spec: capabilities(spec).usages)

USAGE_NEEDED: Final = Rule(
    f"has(self.keyUsage) || !({SPEC} in {_SEVERAL})",
    "a key of this `keySpec` needs a `keyUsage`: it can be for several usages, and that can never be changed; add it",
    expression=f"'a key of ' + {SPEC} + ' needs a `keyUsage`: it can be for several usages, and that can never be "
    "changed; add `keyUsage:`'",
)
USAGE_FITS: Final = Rule(
    f"!has(self.keyUsage) || {SPEC} in {_BY_USAGE}[self.keyUsage]",
    "a key of this `keySpec` cannot be for this `keyUsage`; change `keyUsage` or `keySpec`",
    ".keyUsage",
    f"'a key of ' + {SPEC} + ' cannot be for ' + self.keyUsage + '; change `keyUsage` or `keySpec`'",
)
ORIGIN_FITS: Final = Rule(
    f"!({ORIGIN} in {STORES}) || {SPEC} in {specs(lambda spec: Origin.AWS_CLOUDHSM in capabilities(spec).origins)}",
    "a key of this `keySpec` cannot have this `origin`; change `origin` or `keySpec`",
    ".origin",
    f"'a key of ' + {SPEC} + ' cannot have the origin ' + {ORIGIN} + '; change `origin` or `keySpec`'",
)
ONE_REGION: Final = Rule(
    f"!({ORIGIN} in {STORES} && {MULTI_REGION})",
    "a key of a custom key store cannot be multi-Region; change `multiRegion` or `origin`",
    ".multiRegion",
    f"'a key of origin ' + {ORIGIN} + ' cannot be multi-Region; change `multiRegion` or `origin`'",
)
