"""Resources of `AWS::KMS::…` as drafts.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, Final

from reconciler.convert.cloudformation.intrinsics import resolved
from reconciler.convert.cloudformation.template import Template
from reconciler.convert.drafts import AliasDraft, Draft, KeyDraft, Link, Subject, Tool
from reconciler.convert.fields import Fields
from reconciler.convert.keys import KeyFacts, WhenGone, key_fields, replica_fields, tell_bypass
from reconciler.convert.places import Node
from reconciler.convert.policies import policy_in
from reconciler.convert.remarks import TO_DO, Words
from reconciler.convert.tags import kept, pairs_of
from reconciler.kit.arn import key_arn, partition_of

PREFIX: Final = "AWS::KMS::"
_RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_PASSED_OVER: Final = frozenset({"Tags", "TargetKeyId", "PrimaryKeyArn", "RotationPeriodInDays"})
"""What is read another way."""
_KEYS: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})


def drafts_of(name: str, resource: Node, template: Template) -> Iterator[Draft]:
    """What the resource `name` declares."""
    handle = _handle(template, name)
    subject = Subject(Tool.CLOUDFORMATION, name, _name(name, resource), handle, resource)
    properties = resource.get("Properties")
    fields = Fields(subject, properties.replaced(resolved(properties.mapping, template)), template.remarks)
    reader = _READERS.get(resource.text("Type"))
    if reader is None:
        fields.tell(resource, Words("it is left out", "it is no Key, ReplicaKey or Alias"))
        return
    if resource.text("Condition"):
        why = "its stack has it under a condition, which only CloudFormation knows"
        fields.tell(resource.get("Condition"), Words("see whether it is there", why, "take it out if not", TO_DO))
    yield from reader(fields, resource, template)
    fields.tell_unread(_PASSED_OVER)


def _name(logical: str, resource: Node) -> str:
    """What its author called it: of CDK's resources, whose logical ids end in digits of a hash, the path says it."""
    path = resource.text("Metadata", "aws:cdk:path").split("/")[1:]
    return "-".join(part for part in path if part != "Resource") or logical


def _key(fields: Fields, resource: Node, template: Template) -> Iterator[KeyDraft]:
    spec = key_fields(_facts(fields, resource))
    yield KeyDraft(fields.subject, template.stack.place, _identity(fields.subject.title, template), spec)


def _replica(fields: Fields, resource: Node, template: Template) -> Iterator[KeyDraft]:
    spec = replica_fields(_facts(fields, resource))
    primary = _link(fields, "PrimaryKeyArn", resource, template)
    yield KeyDraft(
        fields.subject, template.stack.place, _identity(fields.subject.title, template), spec, primary=primary
    )


def _facts(fields: Fields, resource: Node) -> KeyFacts:
    tell_bypass(fields, "BypassPolicyLockoutSafetyCheck")
    return KeyFacts(
        description=fields.text("Description"),
        key_spec=fields.text("KeySpec"),
        key_usage=fields.text("KeyUsage"),
        origin=fields.text("Origin"),
        multi_region=fields.flag("MultiRegion"),
        enabled=fields.flag("Enabled"),
        rotates=fields.flag("EnableKeyRotation"),
        rotation_days=fields.whole("RotationPeriodInDays"),
        window_days=fields.whole("PendingWindowInDays"),
        when_gone=_when_gone(fields, resource),
        tags=kept(pairs_of(fields, "Key", "Value", "Tags"), fields, "Tags"),
        policy=policy_in(fields, "KeyPolicy"),
    )


def _alias(fields: Fields, resource: Node, template: Template) -> Iterator[AliasDraft]:
    alias = fields.text("AliasName")
    if alias is None:
        fields.tell(resource, Words("it is left out", "its name is not known", "write it into `aliases` of the key"))
        return
    link = _link(fields, "TargetKeyId", resource, template)
    yield AliasDraft(fields.subject, template.stack.place, alias, link)


def _when_gone(fields: Fields, resource: Node) -> WhenGone | None:
    deletion, replacement = resource.text("DeletionPolicy"), resource.text("UpdateReplacePolicy")
    if deletion in _RETAINED and replacement not in ("", "Retain"):
        why = "the key that an update replaces is deleted; kmsctl never replaces a key unasked, and keeps the old one"
        fields.tell(resource.get("UpdateReplacePolicy"), Words("`UpdateReplacePolicy` is left out", why))
    if deletion in _RETAINED:
        return WhenGone.RETAIN
    return WhenGone.DELETE if deletion == "Delete" else None


def _identity(name: str, template: Template) -> str | None:
    kind, physical = template.stack.physical.get(name, ("", ""))
    if kind not in _KEYS:
        return None
    place = template.stack.place
    if place.region and place.account and ":" not in physical:
        return key_arn(place.region, place.account, physical, partition_of(place.region))
    return physical


def _link(fields: Fields, argument: str, resource: Node, template: Template) -> Link:
    """The key that a property names: a resource of the template, or what KMS calls it."""
    name = _named(resource.get("Properties", argument).value)
    if name is not None and name in template.resources.mapping:
        return Link((_handle(template, name),))
    return Link(text=fields.text(argument))


def _named(value: Any) -> str | None:
    """The logical id in `!Ref X`, `!GetAtt X.Arn` or a `!Sub` of nothing else."""
    if not (isinstance(value, dict) and len(value) == 1):
        return None
    function, argument = next(iter(value.items()))
    if function == "Fn::GetAtt":
        first = argument.split(".")[0] if isinstance(argument, str) else argument
        return first if isinstance(first, str) else _first(first)
    if function == "Fn::Sub" and isinstance(argument, str):
        inner = argument.removeprefix("${").removesuffix("}")
        return inner.split(".")[0] if argument == f"${{{inner}}}" else None
    return argument if function == "Ref" and isinstance(argument, str) else None


def _first(path: Any) -> str | None:
    return path[0] if isinstance(path, list) and path and isinstance(path[0], str) else None


def _handle(template: Template, name: str) -> str:
    return f"{template.document.origin.file}#{'/'.join(map(str, template.document.path))}#{name}"


_READERS: Final = MappingProxyType[str, Callable[[Fields, Node, Template], Iterator[Draft]]](
    {"AWS::KMS::Key": _key, "AWS::KMS::ReplicaKey": _replica, "AWS::KMS::Alias": _alias}
)
