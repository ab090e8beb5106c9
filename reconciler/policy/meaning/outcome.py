"""What comes of asking whether two policies mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.policy.access import Ask
from reconciler.policy.evaluate import Facts
from reconciler.policy.meaning.effectiveness import Effectiveness

_CONTEXT = "kms:encryptioncontext:"


@dataclass(frozen=True, slots=True)
class Witness:
    """One request that two policies answer differently, as the evaluator says too."""

    principal: str
    """ARN, or a service's name."""
    action: str
    """As IAM writes it: `kms:Decrypt`."""
    resource: str
    """ARN of the key that is asked for: its own, or one that it could have."""
    facts: Facts
    """Condition keys, in lower case, that matter; () where one must be missing. What follows from the principal and the
    key is left out."""
    before: Effectiveness
    after: Effectiveness

    @property
    def given(self) -> Facts:
        """The condition keys that the request has."""
        return {key: values for key, values in self.facts.items() if values}

    @property
    def ask(self) -> Ask:
        """The same request, for the analysis of access."""
        context: Mapping[str, str] = {
            key.removeprefix(_CONTEXT): values[0] for key, values in self.given.items() if key.startswith(_CONTEXT)
        }
        return Ask(self.principal, self.action, context=context, facts=self.facts)


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody knows whether the policies mean the same, so they count as different."""

    why: str
    """Safe to print; without a full stop."""


Difference = Witness | Undecided
