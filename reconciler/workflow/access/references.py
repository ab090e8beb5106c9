"""How a command line names a key: by what its manifest calls it, or as KMS knows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from reconciler.kit.printable import printable
from reconciler.model.address import KEYS
from reconciler.model.identifiers import TargetName

_KEY_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
"""Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html"""
_AWS: Final = "alias/aws/"
_KINDS: Final = tuple(f"{kind}/" for kind in sorted(KEYS))


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A key: exactly one of `name` and `external` is not empty."""

    name: str = ""
    """What its manifest calls it."""
    external: str = ""
    """Its id, its ARN, or the name or ARN of an alias."""
    target: TargetName | None = None
    """Where it is; None: wherever it is found."""

    @property
    def of_aws(self) -> bool:
        """Whether it is an alias of AWS's: `alias/aws/s3`, or its ARN."""
        return self.external.startswith(_AWS) or f":{_AWS}" in self.external

    def __str__(self) -> str:
        where = f"@{self.target}" if self.target else ""
        return printable(f"{self.name or self.external}{where}")


def key_reference(text: str) -> KeyReference:
    """`orders`, `Key/orders`, `orders@eu`, `alias/orders`, a key id or an ARN."""
    if text.startswith("arn:"):
        return KeyReference(external=text)
    body, _, where = text.partition("@")
    target = TargetName(where) if where else None
    if body.startswith("alias/") or _KEY_ID.fullmatch(body):
        return KeyReference(external=body, target=target)
    return KeyReference(name=_without_kind(body), target=target)


def _without_kind(name: str) -> str:
    return next((name.removeprefix(kind) for kind in _KINDS if name.startswith(kind)), name)
