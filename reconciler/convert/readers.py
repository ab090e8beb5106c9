"""Which tool a document is of, told by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Final

from reconciler.convert import ack, crossplane
from reconciler.convert.cloudformation import answers, cloudformation
from reconciler.convert.drafts import Draft
from reconciler.convert.kubernetes import group_of, unlisted
from reconciler.convert.places import Node
from reconciler.convert.remarks import Remarks
from reconciler.convert.terraform import terraform
from reconciler.convert.terraform.instances import is_terraform

Reader = Callable[[list[Node], Mapping[str, str], Remarks], Iterable[Draft]]
"""What reads the documents of one tool, given values of parameters."""

NOTHING_OF_OURS: Final = (
    "there is nothing in it that declares keys in a way that is read",
    "Terraform's and OpenTofu's JSON, CloudFormation's templates, and objects of ACK and Crossplane are",
    "for Terraform, give what `terraform show -json` prints: its own language is not read",
)


_WORDS: Final = ("AWS::KMS::", "aws_kms_", ack.GROUP, *crossplane.GROUPS)


def opened(document: Node) -> Iterable[Node]:
    """The documents in what a tool wraps around them: lists, and answers of an API."""
    return chain.from_iterable(map(answers.opened, unlisted(document)))


def mentions_keys(text: str) -> bool:
    """Whether `text`, though it may be broken, seems to declare something of KMS."""
    return any(word in text for word in _WORDS)


def reader_of(document: Node) -> Reader | None:
    """What reads `document`; None when it is of none of the tools."""
    group = group_of(document)
    if group == ack.GROUP:
        return ack.drafts_in
    if group in crossplane.GROUPS:
        return crossplane.drafts_in
    if is_terraform(document.mapping):
        return terraform.drafts_in
    return cloudformation.drafts_in if cloudformation.is_ours(document) else None
