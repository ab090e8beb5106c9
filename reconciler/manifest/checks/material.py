"""Imported key material: whether a key can have it as declared.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html and the API reference of
ImportKeyMaterial.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.printable import printable
from reconciler.manifest.checks.keys import KeyFacts
from reconciler.manifest.documents import Document, Message
from reconciler.model.keyspec import KeySpec, Origin
from reconciler.model.material import has_several_materials, wrapping_algorithms

_PATH: Final = ("spec", "importedMaterial")
UNREADABLE: Final = frozenset({KeySpec.SM2, KeySpec.ML_KEM_512})
"""Specs whose private keys no library here can tell from others."""


def check_material(document: Document, facts: KeyFacts) -> Iterator[Diagnostic]:
    """What is wrong with a Key's `importedMaterial`."""
    declared = document.spec.get("importedMaterial")
    if declared is None:
        return
    if facts.origin is not Origin.EXTERNAL:
        what = f"material cannot be imported into a key of origin {facts.origin}"
        why = "KMS imports material only into keys that were created for that"
        yield _fault(document, (), Message("imported-material-not-possible", what, why, "set `origin: EXTERNAL`"))
    if facts.key_spec in UNREADABLE:
        what = f"kmsctl cannot import material of {facts.key_spec}"
        why = "it imports nothing that it cannot check, and no library here reads such keys"
        fix = "remove `importedMaterial` and import it with the AWS CLI"
        yield _fault(document, (), Message("imported-material-not-possible", what, why, fix))
    yield from _of_symmetric(document, declared, facts)
    yield from _check_wrapping(document, declared, facts)
    yield from _check_instant(document, declared)
    yield from _check_rotation(document)


def instant(text: str) -> datetime | None:
    """The instant that `validTo` says, in UTC; None when there is no such instant."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _of_symmetric(document: Document, declared: Mapping[str, Any], facts: KeyFacts) -> Iterator[Diagnostic]:
    for name in ("description", "serial"):
        if name in declared and not has_several_materials(facts.key_spec):
            what = f"`{name}` is not possible for imported material of {facts.key_spec}"
            why = "only symmetric encryption keys can have several materials, with descriptions and rotation"
            fix = f"remove `{name}`; for new material declare a new key and move its aliases"
            yield _fault(document, (name,), Message("imported-material-not-possible", what, why, fix))


def _check_wrapping(document: Document, declared: Mapping[str, Any], facts: KeyFacts) -> Iterator[Diagnostic]:
    possible = wrapping_algorithms(facts.key_spec)
    chosen = declared.get("wrappingAlgorithm")
    if chosen is not None and chosen not in possible:
        what = f"material of {facts.key_spec} cannot be wrapped by {chosen}"
        fix = f"leave it out for {possible[0]}"
        message = Message("invalid-key-combination", what, f"possible: {', '.join(possible)}", fix)
        yield document.fault((*_PATH, "wrappingAlgorithm"), message)


def _check_instant(document: Document, declared: Mapping[str, Any]) -> Iterator[Diagnostic]:
    text = declared.get("validTo")
    if text is not None and instant(text) is None:
        what, why = f"`validTo` is {printable(text)}", "there is no such day or time"
        yield document.fault(
            (*_PATH, "validTo"), Message("invalid-value", what, why, "write one as 2027-06-30T00:00:00Z")
        )


def _check_rotation(document: Document) -> Iterator[Diagnostic]:
    fixes = {
        "onDemand": "remove it, and raise `importedMaterial.serial` when there is new material",
        "manual": "use `none: {reason: …}`: every new key would get the same material",
    }
    for mode, fix in fixes.items():
        if mode in document.spec.get("rotation", {}):
            what = f"`spec` has `importedMaterial` and `{mode}` rotation"
            why = "a key with imported material rotates to what was imported, and to nothing else"
            message = Message("conflicting-fields", what, why, fix)
            yield document.fault(("spec", "rotation", mode), message, of_key=True)


def _fault(document: Document, path: tuple[str, ...], message: Message) -> Diagnostic:
    return document.fault((*_PATH, *path), message, of_key=True)
