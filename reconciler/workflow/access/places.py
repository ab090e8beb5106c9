"""Where the statements of a key policy are declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from reconciler.kit.diagnostics import Position
from reconciler.model.desired import DesiredKey
from reconciler.plan.access.keyfacts import parsed
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Unparsable
from reconciler.policy.normalise import normal_statement
from reconciler.policy.statement import Statement


def statement_places(
    policy: PolicyDocument | Unparsable, declared: DesiredKey, partition: str
) -> Mapping[int, Position]:
    """The places of those statements of `policy` that `declared` has, too, by index.

    The order may differ: KMS, or somebody before us, may have laid the policy out in another way.
    """
    document = parsed(str(declared.policy))
    if isinstance(policy, Unparsable) or isinstance(document, Unparsable):
        return {}
    places: defaultdict[Statement, list[Position]] = defaultdict(list)
    for statement, position in zip(document.statements, declared.statement_positions, strict=False):
        places[normal_statement(statement, partition=partition)].append(position)
    found = {}
    for index, statement in enumerate(policy.statements):
        alike = places.get(normal_statement(statement, partition=partition))
        if alike:
            found[index] = alike.pop(0) if len(alike) > 1 else alike[0]
    return found
