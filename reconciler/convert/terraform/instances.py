"""Instances of resources in a state or plan.

Sources: https://developer.hashicorp.com/terraform/internals/json-format for what `terraform show -json` prints, and the
state files of version 4 that backends keep and `terraform state pull` prints. OpenTofu prints the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.convert.places import Node
from reconciler.convert.unresolved import NEVER_SHOWN

PREFIX: Final = "aws_kms_"
_MODULE: Final = re.compile(r'module\.([^.\[\]"]+)((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?)\.?')
_STATE_VERSION: Final = 4


@dataclass(frozen=True, slots=True)
class Instance:
    """One resource of `aws_kms_…`, with its index where `count` or `for_each` gave it one."""

    address: str
    module: str
    """The address of its module; empty for the root."""
    type: str
    name: str
    index: str | int | None
    node: Node
    """Its attributes; those that are marked as sensitive are put aside."""
    exists: bool = True
    """False when the plan is to create it."""
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each argument, what its expression refers to, where a plan says so."""
    region: str | None = None
    """That of its provider, where a plan says so."""

    @property
    def scope(self) -> str:
        """What tells its index from those of other resources: its address without the index."""
        return f"{self.module}.{self.type}.{self.name}"


def is_terraform(value: Mapping[str, Any]) -> bool:
    """Whether `value` is a state or plan."""
    shown = isinstance(value.get("format_version"), str) and bool(
        {"values", "planned_values", "terraform_version", "prior_state"} & value.keys()
    )
    return shown or is_state_file(value)


def is_state_file(value: Mapping[str, Any]) -> bool:
    """Whether `value` is a state as backends keep it."""
    return value.get("version") == _STATE_VERSION and isinstance(value.get("resources"), list)


def shown(root: Node) -> Iterator[Instance]:
    """Instances in the tree of modules below `root`, as `terraform show -json` writes it."""
    pending = [root]
    while pending:
        module = pending.pop()
        for resource in module.get("resources").items():
            instance = _shown(resource, module.text("address"))
            if instance is not None:
                yield instance
        pending += reversed(list(module.get("child_modules").items()))


def kept(root: Node) -> Iterator[Instance]:
    """Instances in a state file of version 4."""
    for resource in root.get("resources").items():
        kind, name, module = resource.text("type"), resource.text("name"), resource.text("module")
        if resource.text("mode") != "managed" or not kind.startswith(PREFIX):
            continue
        for one in resource.get("instances").items():
            if one.get("deposed").value is None:
                index = _index(one.get("index_key").value)
                address = f"{f'{module}.' if module else ''}{kind}.{name}{_bracketed(index)}"
                attributes = _without(one.get("attributes"), _marked(one.get("sensitive_attributes")))
                yield Instance(address, module, kind, name, index, attributes)


def modules_of(address: str) -> list[tuple[str, str]]:
    """The modules in the address of one, each with its index as text: `module.a["x"].module.b` has a x and b."""
    return [(match[1], match[2].strip("[]").strip('"')) for match in _MODULE.finditer(address)]


def without_indexes(address: str) -> str:
    """The address of a module as configurations have it."""
    return ".".join(f"module.{name}" for name, _ in modules_of(address))


def _shown(resource: Node, module: str) -> Instance | None:
    kind, name, address = resource.text("type"), resource.text("name"), resource.text("address")
    if resource.text("mode") != "managed" or not kind.startswith(PREFIX):
        return None
    index = _index(resource.get("index").value)
    sensitive = {attribute for attribute, mark in resource.get("sensitive_values").mapping.items() if _holds(mark)}
    values = _without(resource.get("values"), sensitive)
    return Instance(address or f"{kind}.{name}{_bracketed(index)}", module, kind, name, index, values)


def _index(value: Any) -> str | int | None:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _bracketed(index: str | int | None) -> str:
    if index is None:
        return ""
    return f'["{index}"]' if isinstance(index, str) else f"[{index}]"


def _holds(mark: Any) -> bool:
    """Whether a value, or a part of it, is marked as sensitive."""
    if isinstance(mark, dict):
        return any(_holds(child) for child in mark.values())
    if isinstance(mark, list):
        return any(_holds(child) for child in mark)
    return mark is True


def _marked(paths: Node) -> set[str]:
    """The attributes that begin the paths of sensitive values in a state file."""
    return {next(path.items()).text("value") for path in paths.items() if any(path.items())}


def _without(values: Node, sensitive: set[str]) -> Node:
    return values.replaced(
        {name: NEVER_SHOWN if name in sensitive else value for name, value in values.mapping.items()}
    )
