"""Roles and users of the same template: their ARNs can be said when their names are written out."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from reconciler.convert.places import Node

_NAMES: Final = MappingProxyType({"AWS::IAM::Role": ("RoleName", "role"), "AWS::IAM::User": ("UserName", "user")})


def name_of(resource: Node) -> str | None:
    """What `Ref` of a role or user is; None where CloudFormation makes its name up."""
    field, _ = _NAMES.get(resource.text("Type"), ("", ""))
    return resource.text("Properties", field) or None if field else None


def arn_of(resource: Node) -> str | None:
    """The ARN of a role or user, in our pseudo parameters."""
    name = name_of(resource)
    if name is None:
        return None
    _, kind = _NAMES[resource.text("Type")]
    properties = resource.get("Properties")
    path = properties.text("Path") or "/"
    if properties.get("Path").value not in (None, path) or not path.endswith("/"):
        return None
    return f"arn:${{aws:partition}}:iam::${{aws:accountId}}:{kind}{path}{name}"
