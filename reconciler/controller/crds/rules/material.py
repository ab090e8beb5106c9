"""Rules of a Key's imported material. `self` is the `spec`."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.rule import Rule
from reconciler.controller.crds.rules.keyspecs import ORIGIN, SPEC, by_value, specs
from reconciler.manifest.checks.material import UNREADABLE
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import has_several_materials, wrapping_algorithms

_HERE: Final = "self.importedMaterial"
_ALGORITHMS: Final = tuple(dict.fromkeys(name for spec in KeySpec for name in wrapping_algorithms(spec)))
_BY_ALGORITHM: Final = by_value(_ALGORITHMS, wrapping_algorithms)


def _only_symmetric(name: str) -> Rule:
    return Rule(
        f"!has({_HERE}) || !has({_HERE}.{name}) || {SPEC} in {specs(has_several_materials)}",
        f"`{name}` is not possible for imported material of this `keySpec`: only symmetric encryption keys "
        f"can have several materials, with descriptions and rotation; remove `{name}`; for new material declare a new "
        "key and move its aliases",
        f".importedMaterial.{name}",
    )


def _no_rotation(mode: str, fix: str) -> Rule:
    return Rule(
        f"!has({_HERE}) || !has(self.rotation) || !has(self.rotation.{mode})",
        f"`spec` has `importedMaterial` and `{mode}` rotation: a key with imported material rotates to what was "
        f"imported, and to nothing else; {fix}",
        f".rotation.{mode}",
    )


RULES: Final = (
    Rule(
        f"!has({_HERE}) || {ORIGIN} == 'EXTERNAL'",
        "material can be imported only into a key of origin EXTERNAL, which was created for that; set "
        "`origin: EXTERNAL`",
        ".importedMaterial",
    ),
    Rule(
        f"!has({_HERE}) || !({SPEC} in {specs(lambda spec: spec in UNREADABLE)})",
        "kmsctl cannot import material of this `keySpec`: it imports nothing that it cannot check, and no library "
        "here reads such keys; remove `importedMaterial` and import it with the AWS CLI",
        ".importedMaterial",
    ),
    _only_symmetric("description"),
    _only_symmetric("serial"),
    Rule(
        f"!has({_HERE}) || !has({_HERE}.wrappingAlgorithm) || {SPEC} in {_BY_ALGORITHM}[{_HERE}.wrappingAlgorithm]",
        "material of this `keySpec` cannot be wrapped by this algorithm; leave it out for the strongest that is "
        "possible",
        ".importedMaterial.wrappingAlgorithm",
    ),
    _no_rotation("onDemand", "remove it, and raise `importedMaterial.serial` when there is new material"),
    _no_rotation("manual", "use `none: {reason: …}`: every new key would get the same material"),
)
