"""The table of `docs/kms-conformance.md`.

It is computed from the engine's own tables, the service model, the table of key states that the tests hold the engine
against, and calls on a replica.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.engine.authz.actions import Permission, permissions_of
from reconciler.engine.call import Access, Operation
from reconciler.engine.engine import Engine
from reconciler.engine.operations import OPERATIONS
from reconciler.engine.wire.model import OperationModel, operation_model
from reconciler.engine.wire.view import _compile
from reconciler.kit.errors import KmsError
from tests.engine.calls import AWAY, RECIPES
from tests.engine.keys.test_state import COLUMNS, ROWS, cell

HEAD = ("operation", "implemented", "validated", "states", "authorised", "audited", "multi-Region")
DECIDED_OTHERWISE = {
    "RetireGrant": "the grant decides",
    "sts:GetCallerIdentity": "everybody may",
    "sts:AssumeRole": "the role's trust policy",
}
IMPORTING = ("GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial")


def rows(names: set[str], engine: Engine) -> Iterator[tuple[str, ...]]:
    """A row for each of the operations `names`, in their order; `engine` is empty."""
    for name in sorted(names, key=lambda name: (":" in name, name)):
        operation = OPERATIONS.get(name)
        if operation is None:
            yield f"`{name}`", "no", *["not yet"] * 5
            continue
        model = operation_model(name)
        yield (
            f"`{name}`",
            "yes",
            str(sum(1 for _ in rules(model.shapes, model.input, frozenset()))),
            states(name),
            authorised(operation),
            audited(operation, model),
            regions(name, engine),
        )


def rules(shapes: Mapping[str, Any], name: str, above: frozenset[str]) -> Iterator[str]:
    """Every rule of the service model about a shape: types, required members, enums, ranges and lengths, patterns."""
    shape = shapes[name]
    yield shape["type"]
    yield from shape.get("required", ())
    yield from ("enum", "min", "max", "pattern") & shape.keys()
    inner = [shape[part] for part in ("member", "key", "value") if part in shape]
    for target in [*inner, *shape.get("members", {}).values()]:
        if target["shape"] not in above:
            yield from rules(shapes, target["shape"], above | {name})


def states(name: str) -> str:
    """The states of the key in which the operation can succeed."""
    if name not in ROWS:
        return "no key"
    allowed = [state for state in COLUMNS if not cell(name, state).startswith(("X", "-"))]
    return "any" if len(allowed) >= len(COLUMNS) - ROWS[name].count("-") else ", ".join(allowed)


def authorised(operation: Operation) -> str:
    """The actions that must be allowed, and for what."""

    def told(permission: Permission) -> str:
        return f"`{permission.action}` ({permission.resource.value.replace('*', 'account')})"

    needed = permissions_of(operation)
    return ", ".join(dict.fromkeys(told(one) for one in needed)) or DECIDED_OTHERWISE[operation.name]


def audited(operation: Operation, model: OperationModel) -> str:
    """How the operation is recorded, and what of a call is not; of reads, only the request is."""
    shapes = [model.input]
    if operation.access is Access.WRITE and model.output:
        shapes.append(model.output)
    hidden = sorted({name for shape in shapes for name in unseen(model.shapes, shape, frozenset())})
    kind = "write" if operation.access is Access.WRITE else "read"
    return f"{kind}, without {', '.join(f'`{name}`' for name in hidden)}" if hidden else f"{kind}, all of it"


def unseen(shapes: Mapping[str, Any], name: str, above: frozenset[str]) -> Iterator[str]:
    """Members, however deep inside, that the record does not show."""
    for member, target in shapes[name].get("members", {}).items():
        if _compile(shapes, target["shape"], above) is None:
            yield member
        elif target["shape"] not in above:
            yield from unseen(shapes, target["shape"], above | {name})


def regions(name: str, engine: Engine) -> str:
    """Whether the operation works on a replica, found by calling it on one."""
    if name not in ROWS:
        return "no key"
    here, there = engine.client(), engine.client(region=AWAY)
    origin = {"Origin": "EXTERNAL"} if name in IMPORTING else {}
    primary = here("CreateKey", RECIPES[name].creation | origin | {"MultiRegion": True})["KeyMetadata"]["Arn"]
    if origin:
        here("ImportKeyMaterial", RECIPES["ImportKeyMaterial"].build(here, primary))
    replica = here("ReplicateKey", {"KeyId": primary, "ReplicaRegion": AWAY})["ReplicaKeyMetadata"]["Arn"]
    if name == "CancelKeyDeletion":
        there("ScheduleKeyDeletion", {"KeyId": replica})
    try:
        there(name, RECIPES[name].build(there, replica))
    except KmsError as error:
        assert error.code == "UnsupportedOperationException", error
        assert "primary" in error.message, error
        return "the primary alone"
    else:
        return "primary and replicas"


def table(names: set[str], engine: Engine) -> str:
    """The table as Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *rows(names, engine)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
