"""What manifests say of each other: references, shared names, totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.manifest.checks.aliases import PREFIX, bare
from reconciler.manifest.checks.grants import check_grant_on_key
from reconciler.manifest.checks.replicas import check_primary, shared_facts
from reconciler.manifest.checks.stores import check_store_of
from reconciler.manifest.documents import KEY_KINDS, Document, ManifestKind, Manifests, Message
from reconciler.manifest.limits import MAX_ALIASES_OF_KEY
from reconciler.manifest.positions import Path
from reconciler.manifest.wording import nearest
from reconciler.model.identifiers import RUN_TARGET, TargetName

Declared = Collection[tuple[ManifestKind, str]]

BUILT_IN_TARGET = "local"
"""The bundled KMS: a target that needs no manifest."""


def check_references(manifests: Manifests, declared: Declared) -> Iterator[Diagnostic]:
    """What does not fit together.

    `declared` holds every name, that of a faulty manifest too, which is not to be reported as missing.
    """
    for document in manifests.documents:
        yield from check_named(document, declared)
        if document.kind in (ManifestKind.ALIAS, ManifestKind.GRANT):
            yield from _check_key(document, manifests)
        elif document.kind is ManifestKind.REPLICA_KEY:
            yield from check_primary(document, manifests)
        elif document.kind is ManifestKind.KEY:
            yield from check_store_of(document, manifests)
    yield from check_shared(manifests)


def check_shared(manifests: Manifests, run_target: TargetName = RUN_TARGET) -> Iterator[Diagnostic]:
    """What two manifests claim that only one can have.

    With `run_target`, what names that target and what names none are in one place.
    """
    yield from _check_aliases(manifests, run_target)
    yield from _check_adoptions(manifests, run_target)


def _place(document: Document, run_target: TargetName) -> TargetName:
    return RUN_TARGET if document.target == run_target else document.target


_REFERENCES: Final[tuple[tuple[Path, tuple[ManifestKind, ...]], ...]] = (
    (("keyRef",), KEY_KINDS),
    (("primaryRef",), KEY_KINDS),
    (("policyRef",), (ManifestKind.KEY_POLICY,)),
    (("customKeyStoreRef",), (ManifestKind.CUSTOM_KEY_STORE,)),
    (("targetRef",), (ManifestKind.TARGET,)),
    (("primary", "targetRef"), (ManifestKind.TARGET,)),
)
"""Where manifests name others, and of which kinds these may be. That no primary is a ReplicaKey is said elsewhere."""


def references_of(document: Document) -> Iterator[tuple[tuple[ManifestKind, ...], str]]:
    """What `document` refers to: the kinds that it may be of, and its name."""
    for path, kinds in _REFERENCES:
        name = _named(document, path)
        if name is not None:
            yield kinds, name
    yield from ((KEY_KINDS, name) for _, name in _listed(document))


def check_named(document: Document, declared: Declared) -> Iterator[Diagnostic]:
    """What `document`, which need not be of the right shape, refers to and nobody declares."""
    for path, kinds in _REFERENCES:
        name = _named(document, path)
        if name is None or any((kind, name) in declared for kind in kinds):
            continue
        if ManifestKind.TARGET in kinds and name == BUILT_IN_TARGET:
            continue
        yield document.fault(("spec", *path, "name"), _dangling(str(path[-1]), kinds, name, declared))
    for place, name in _listed(document):
        if not any((kind, name) in declared for kind in KEY_KINDS):
            yield document.fault(place, _dangling("keys", KEY_KINDS, name, declared))


def _listed(document: Document) -> Iterator[tuple[Path, str]]:
    """The keys that an AccessTest names in its list, which need not be one."""
    value: Any = document.tree.value
    names = _in(_in(value, "spec"), "keys") if document.kind is ManifestKind.ACCESS_TEST else None
    if isinstance(names, list):
        yield from ((("spec", "keys", index), name) for index, name in enumerate(names) if isinstance(name, str))


def _named(document: Document, path: Path) -> str | None:
    value: Any = document.tree.value
    for step in ("spec", *path, "name"):
        value = _in(value, step)
    return value if isinstance(value, str) else None


def _in(value: Any, step: str | int) -> Any:
    return value.get(step) if isinstance(value, Mapping) else None


def _dangling(field: str, kinds: Sequence[ManifestKind], name: str, declared: Declared) -> Message:
    kind = kinds[0]
    meant = (kind,) if field == "primaryRef" else kinds
    known = sorted(other for of_kind, other in declared if of_kind in meant)
    guess = nearest(name, known)
    return Message(
        "dangling-reference",
        f"there is no {kind} {name}",
        f"declared in this run: {', '.join(known[:10])}" if known else f"this run declares no {kind}",
        f"did you mean {guess}?" if guess else f"declare it, or give the file that does with -f{_external(field)}",
    )


def _external(field: str) -> str:
    if field == "primaryRef":
        return "; for a primary of somebody else use `primary:` with its key ARN"
    return "; for a key of somebody else use `key:` with its id or ARN" if field == "keyRef" else ""


def _check_key(document: Document, manifests: Manifests) -> Iterator[Diagnostic]:
    key = manifests.key(document.spec.get("keyRef", {}).get("name", ""))
    if key is None:
        return
    if key.target != document.target:
        yield document.fault(
            ("spec", "targetRef") if "targetRef" in document.spec else ("spec", "keyRef"),
            Message(
                "target-mismatch",
                f"it is in {_target(document.target)}, and {key} in {_target(key.target)}",
                "aliases and grants live where their key does",
                "give both the same `targetRef`",
            ),
        )
    if document.kind is ManifestKind.GRANT:
        yield from check_grant_on_key(document, shared_facts(key, manifests))


def _target(name: TargetName) -> str:
    return f"the target {name}" if name else "the target of the run"


def alias_places(document: Document) -> Iterator[tuple[str, Path]]:
    """Every alias that a manifest declares, without its prefix, and where."""
    if document.kind in KEY_KINDS:
        for index, name in enumerate(document.spec.get("aliases", ())):
            yield bare(name), ("spec", "aliases", index)
    elif document.kind is ManifestKind.ALIAS:
        yield bare(document.spec["name"]), ("spec", "name")


def _check_aliases(manifests: Manifests, run_target: TargetName) -> Iterator[Diagnostic]:
    first: dict[tuple[TargetName, str], Position] = {}
    totals: dict[str, int] = defaultdict(int)
    for document in manifests.documents:
        for name, path in alias_places(document):
            position = document.at(path)
            seen = first.setdefault((_place(document, run_target), name), position)
            if seen != position:
                yield document.fault(path, _duplicate_alias(name, seen))
        if document.kind in KEY_KINDS:
            totals[document.name] += len(document.spec.get("aliases", ()))
        elif document.kind is ManifestKind.ALIAS and "keyRef" in document.spec:
            yield from _count(document, manifests, totals)


def _count(document: Document, manifests: Manifests, totals: dict[str, int]) -> Iterator[Diagnostic]:
    name = document.spec["keyRef"]["name"]
    totals[name] += 1
    if totals[name] == MAX_ALIASES_OF_KEY + 1:
        message = Message(
            "too-many-aliases",
            f"this is alias {totals[name]} of {manifests.key(name) or name}",
            f"a key has at most {MAX_ALIASES_OF_KEY} aliases",
            "remove aliases that nobody uses",
        )
        yield document.fault(("spec", "keyRef"), message)


def _duplicate_alias(name: str, first: Position) -> Message:
    return Message(
        "duplicate-alias",
        f"alias/{name} is declared twice",
        f"the first one is at {first}; an alias points to one key",
        "remove one of them",
    )


def _check_adoptions(manifests: Manifests, run_target: TargetName) -> Iterator[Diagnostic]:
    adopters: dict[tuple[TargetName, str], Document] = {}
    owners = dict(_owners(manifests, run_target))
    for document in manifests.of_kind(ManifestKind.KEY):
        adopt = document.spec.get("adopt", {})
        existing = _existing(adopt)
        if existing is None:
            continue
        place = (_place(document, run_target), existing)
        adopter = adopters.setdefault(place, document)
        if adopter is not document:
            yield document.fault(("spec", "adopt"), _contested(f"{adopter} adopts the same key"), of_key=True)
        elif owners.get(place, document.name) != document.name:
            what = f"it adopts the key behind {existing}, which is declared for Key/{owners[place]}"
            yield document.fault(("spec", "adopt"), _contested(what), of_key=True)


def _existing(adopt: Mapping[str, str]) -> str | None:
    """How the key to adopt is known: its id, or its alias with the prefix."""
    if "keyId" in adopt:
        return adopt["keyId"].rpartition("/")[2]
    return f"{PREFIX}{bare(adopt['alias'])}" if "alias" in adopt else None


def _owners(manifests: Manifests, run_target: TargetName) -> Iterator[tuple[tuple[TargetName, str], str]]:
    """The Key that each declared alias is for, but those of keys that are not declared."""
    for document in manifests.documents:
        key = document.spec.get("keyRef", {}).get("name") if document.kind is ManifestKind.ALIAS else document.name
        if key is not None:
            for name, _ in alias_places(document):
                yield (_place(document, run_target), f"{PREFIX}{name}"), key


def _contested(what: str) -> Message:
    return Message(
        "adoption-conflict",
        what,
        "a key has one manifest, and an alias one key",
        "remove one of the two, or adopt the key by its id",
    )
