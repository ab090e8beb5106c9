"""Plans: what is known before an apply, and what expressions refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from reconciler.convert.places import Node
from reconciler.convert.terraform.instances import Instance, shown, without_indexes

_IDENTITY: Final = ("arn", "id", "key_id")
_RESOURCE: Final = re.compile(r'aws_kms_\w+\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?')
_References = Mapping[str, tuple[str, ...]]


def planned(root: Node) -> Iterator[Instance]:
    """The instances that there will be after the plan `root`."""
    before = {one.address: one for one in shown(root.get("prior_state", "values", "root_module"))}
    replaced = {change.text("address") for change in root.get("resource_changes").items() if _replaces(change)}
    configured = dict(_configured(root.get("configuration", "root_module"), "", root))
    for one in shown(root.get("planned_values", "root_module")):
        references, region = configured.get((without_indexes(one.module), one.type, one.name), ({}, None))
        earlier = None if one.address in replaced else before.get(one.address)
        node = one.node if earlier is None else _identified(one.node, earlier.node)
        yield replace(one, node=node, exists=earlier is not None, references=references, region=region)


def targets_of(instance: Instance, argument: str) -> tuple[str, ...]:
    """Addresses that the expression of `argument` may mean, the likeliest first."""
    found = []
    prefix = f"{instance.module}." if instance.module else ""
    for reference in instance.references.get(argument, ()):
        match = _RESOURCE.match(reference)
        if match is not None:
            address = prefix + match[0]
            index = instance.index
            if index is not None:
                found.append(f'{address}["{index}"]' if isinstance(index, str) else f"{address}[{index}]")
            found += [address, f"{address}[0]"]
    return tuple(dict.fromkeys(found))


def _identified(node: Node, earlier: Node) -> Node:
    """`node` with the ids that the resource had before: a plan leaves out what it cannot know."""
    known = {name: earlier.mapping[name] for name in _IDENTITY if earlier.mapping.get(name) is not None}
    return node.replaced({**known, **{name: value for name, value in node.mapping.items() if value is not None}})


def _replaces(change: Node) -> bool:
    actions = change.get("change", "actions").value
    return isinstance(actions, list) and "create" in actions


def _configured(
    module: Node, address: str, root: Node
) -> Iterator[tuple[tuple[str, str, str], tuple[_References, str | None]]]:
    for resource in module.get("resources").items():
        references = {name: _references(expression) for name, expression in resource.get("expressions").children()}
        provider = root.get("configuration", "provider_config", resource.text("provider_config_key"))
        region = provider.text("expressions", "region", "constant_value") or None
        yield (address, resource.text("type"), resource.text("name")), (references, region)
    for name, call in module.get("module_calls").children():
        yield from _configured(call.get("module"), f"{address}.module.{name}".lstrip("."), root)


def _references(expression: Node) -> tuple[str, ...]:
    found = expression.get("references").value
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
