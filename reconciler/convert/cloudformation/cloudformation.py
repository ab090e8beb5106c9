"""Templates as drafts, with what stacks say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.convert.cloudformation.resources import PREFIX, drafts_of
from reconciler.convert.cloudformation.stacks import LISTS, stack_of
from reconciler.convert.cloudformation.template import Template
from reconciler.convert.drafts import Draft
from reconciler.convert.places import Node
from reconciler.convert.remarks import Remarks, Words

_LOOP: Final = "Fn::ForEach::"


def is_ours(document: Node) -> bool:
    """Whether `document` is a template, or says what a stack is made of."""
    if any(isinstance(document.get(name).value, list) for name in LISTS):
        return True
    resources = document.get("Resources")
    return "AWSTemplateFormatVersion" in document.mapping or any(
        resource.text("Type").startswith("AWS::") for _, resource in resources.children()
    )


def drafts_in(documents: list[Node], given: Mapping[str, str], remarks: Remarks) -> Iterable[Draft]:
    """What templates declare of KMS."""
    for document in documents:
        template = Template(document, given, remarks, stack_of(documents, document))
        for name, resource in template.resources.children():
            if name.startswith(_LOOP):
                words = Words("it is left out", "only CloudFormation can resolve it", "convert the processed template")
                remarks.tell(name, resource, words)
            elif resource.text("Type").startswith(PREFIX):
                yield from drafts_of(name, resource, template)
