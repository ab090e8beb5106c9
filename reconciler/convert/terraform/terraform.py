"""A state or plan as drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reconciler.convert.drafts import Draft, Subject, Tool
from reconciler.convert.places import Node
from reconciler.convert.remarks import Remarks
from reconciler.convert.terraform.instances import Instance, is_state_file, kept, modules_of, shown
from reconciler.convert.terraform.plans import planned
from reconciler.convert.terraform.resources import drafts_of

_SAYS_NOTHING: Final = frozenset({"this", "main", "default", "key", "kms", "kms_key", "alias", "grant", "replica"})
"""Names of resources that say less than the module around them."""


def drafts_in(documents: list[Node], _: Mapping[str, str], remarks: Remarks) -> Iterator[Draft]:
    """What states and plans declare of KMS."""
    for document in documents:
        yield from _drafts_in(document, remarks)


def _drafts_in(document: Node, remarks: Remarks) -> Iterator[Draft]:
    instances = list(_instances(document))
    siblings = Counter(instance.scope for instance in instances)
    for instance in instances:
        yield from drafts_of(instance, _subject(instance, alone=siblings[instance.scope] == 1), remarks)


def _instances(document: Node) -> Iterable[Instance]:
    if is_state_file(document.mapping):
        return kept(document)
    if "planned_values" in document.mapping:
        return planned(document)
    return shown(document.get("values", "root_module"))


def _subject(instance: Instance, *, alone: bool) -> Subject:
    handle = f"{instance.node.origin.file}#{instance.address}"
    return Subject(Tool.TERRAFORM, instance.address, _name(instance, alone=alone), handle, instance.node)


def _name(instance: Instance, *, alone: bool) -> str:
    """After its modules, its own name where that says something, and its index where that tells it from others."""
    parts = [part for module in modules_of(instance.module) for part in module if part not in ("", "0")]
    if not parts or instance.name not in _SAYS_NOTHING:
        parts.append(instance.name)
    if isinstance(instance.index, str) or (instance.index is not None and not alone):
        parts.append(str(instance.index))
    return "-".join(parts)
