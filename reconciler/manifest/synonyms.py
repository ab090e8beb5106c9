"""Fields as Terraform, CloudFormation and the AWS API call them, and what a manifest says instead.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

_PROTECT: Final = ("deletion", "`deletion: {protect: true}`")
_WINDOW: Final = ("deletion", "`deletion: {windowDays: …}`")
_STORE: Final = ("origin", "`adopt`: keys in custom key stores cannot be created yet")
_KEY: Final = ("keyRef", "`keyRef: {name: …}`")
_SYNONYMS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "aliasname": ("name", "`name`"),
        "customermasterkeyspec": ("keySpec", "`keySpec`"),
        "customkeystoreid": _STORE,
        "deletionpolicy": ("deletion", "`deletion: {policy: …}`"),
        "deletionwindowindays": _WINDOW,
        "enablekeyrotation": ("rotation", "`rotation: {automatic: {}}`"),
        "granteeserviceprincipal": ("granteePrincipal", "`granteePrincipal`"),
        "isenabled": ("enabled", "`enabled`"),
        "keyid": _KEY,
        "keypolicy": ("policy", "`policy: {document: …}`"),
        "lifecycle": _PROTECT,
        "pendingwindowindays": _WINDOW,
        "preventdestroy": _PROTECT,
        "rotationperiodindays": ("rotation", "`rotation: {automatic: {periodDays: …}}`"),
        "targetkeyid": _KEY,
    }
)
"""By the name in lower case without underscores and dashes: a field that must be known, and what to write."""


def meant_by(name: str, known: Collection[str]) -> str:
    """What to write instead of the field `name`, where the fields `known` are; empty when nobody calls it so."""
    field, instead = _SYNONYMS.get(name.lower().replace("_", "").replace("-", ""), ("", ""))
    return instead if field in known else ""
