"""Pseudo parameters: `${aws:accountId}`, `${aws:region}` and `${aws:partition}` in texts of a manifest.

They stand for the account, the Region and the partition that a resource ends up in, so that one manifest serves many.
Everything else of that form is left as it is: in policies it is a policy variable
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

PARAMETERS: Final = ("aws:accountId", "aws:region", "aws:partition")
_PARAMETER: Final = re.compile(r"\$\{(aws:accountId|aws:region|aws:partition)\}")
_LOOKALIKE: Final = re.compile(r"\$\{aws:[^{}]*\}", re.IGNORECASE)
_ANY: Final = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Pseudo:
    """What the parameters stand for in one account and Region."""

    account_id: str
    region: str
    partition: str

    def fill(self, value: Any) -> Any:
        """`value`, made of dicts, lists and scalars, with the parameters in its texts replaced; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.fill(child) for key, child in value.items()}
        if isinstance(value, list):
            return [self.fill(child) for child in value]
        return value

    def text(self, text: str) -> str:
        """`text` with the parameters replaced."""
        if "${" not in text:
            return text
        values = dict(zip(PARAMETERS, (self.account_id, self.region, self.partition), strict=True))
        return _PARAMETER.sub(lambda match: values[match[1]], text)


def without_parameters(text: str) -> str:
    """`text` without its pseudo parameters, and what looks like one: what its author wrote literally."""
    return _LOOKALIKE.sub("", text) if "${" in text else text


def variables_in(text: str) -> tuple[str, ...]:
    """The names between `${` and `}` that are no pseudo parameters."""
    return tuple(name for name in _ANY.findall(text) if name not in PARAMETERS) if "${" in text else ()
