"""Key policies, word for word."""

from __future__ import annotations

from typing import Any, Final

from reconciler.convert.fields import Fields
from reconciler.convert.remarks import Words
from reconciler.kit.printable import printable
from reconciler.manifest.pseudo import Pseudo
from reconciler.policy.document import parse_document
from reconciler.policy.faults import InvalidPolicy
from reconciler.policy.jsontext import load

_ANYWHERE: Final = Pseudo("111122223333", "us-east-1", "aws")
"""Some account: whether a policy is one does not depend on which."""
_KEPT: Final = "the key keeps the policy that it has; `kmsctl export` prints it"


LOST: Final[dict[str, Any]] = {}
"""Stands for a policy that is declared and cannot be carried over; told apart by being this very mapping."""


def policy_in(fields: Fields, *steps: str) -> dict[str, Any] | None:
    """The policy there, a mapping or JSON text, as a mapping; None: there is none; `LOST`: none that can be said."""
    node = fields.known(*steps)
    if node is None:
        return None if fields.node.get(*steps).value is None else LOST
    try:
        document = load(node.value) if isinstance(node.value, str) else node.value
        parse_document(_ANYWHERE.fill(document))
    except InvalidPolicy as error:
        fault = printable(str(error.faults[0]))
        fields.tell(node, Words("its policy is left out", f"no manifest can say it: {fault}", _KEPT))
        return LOST
    return document if isinstance(document, dict) else LOST
