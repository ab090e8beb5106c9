"""The actions that policies are compared for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from reconciler.policy.actions import KEY_ACTIONS, PREFIX
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import works_across_accounts
from reconciler.policy.patterns import covers_action, is_literal

_NOT_ON_KEYS = frozenset({
    "kms:connectcustomkeystore", "kms:createcustomkeystore", "kms:createkey", "kms:deletecustomkeystore",
    "kms:describecustomkeystores", "kms:disconnectcustomkeystore", "kms:generaterandom", "kms:listaliases",
    "kms:listkeys", "kms:listretirablegrants", "kms:updatecustomkeystore",
})  # fmt: skip
"""Actions whose resource is no key, so that no key policy is asked
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html)."""


@dataclass(frozen=True, slots=True)
class ActionSpace:
    """Actions, each of them a bit."""

    names: tuple[str, ...]
    bits: Mapping[str, int]
    """By name in lower case."""
    everything: int
    across: int
    """The bits of those that work across accounts."""
    _matched: dict[tuple[str, ...], int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, documents: Iterable[PolicyDocument]) -> ActionSpace:
        """All that can be asked of a key, and what `documents` name besides: AWS may have more by now."""
        names = (*KEY_ACTIONS, *_more(documents))
        bits = {name.lower(): 1 << index for index, name in enumerate(names)}
        across = sum(bit for name, bit in bits.items() if works_across_accounts(name))
        return cls(names, bits, (1 << len(names)) - 1, across)

    def ruled(self, actions: tuple[str, ...], not_actions: tuple[str, ...]) -> int:
        """The bits of the actions that a statement with these elements is about."""
        return self._covered(actions) if actions else self.everything & ~self._covered(not_actions)

    def named(self, bits: int) -> tuple[str, ...]:
        """The actions of `bits`."""
        return tuple(name for index, name in enumerate(self.names) if bits >> index & 1)

    def _covered(self, patterns: tuple[str, ...]) -> int:
        if patterns not in self._matched:
            found = 0
            for pattern in patterns:
                found |= self._of_pattern(pattern)
            self._matched[patterns] = found
        return self._matched[patterns]

    def _of_pattern(self, pattern: str) -> int:
        if is_literal(pattern):
            return self.bits.get(pattern.lower(), 0)
        if pattern.lower() in ("*", f"{PREFIX}*"):
            return self.everything
        more = self.names[len(KEY_ACTIONS) :]
        return _known_bits(pattern) | sum(self.bits[name.lower()] for name in more if covers_action((pattern,), name))


def _more(documents: Iterable[PolicyDocument]) -> tuple[str, ...]:
    """An action for each name and pattern that is about none that we know."""
    named = {text for one in documents for said in one.statements for text in (*said.actions, *said.not_actions)}
    unknown = (text.replace("*", "").replace("?", "x") for text in sorted(named, reverse=True) if _is_unknown(text))
    found = {text.lower(): text for text in unknown}
    return tuple(found[name] for name in sorted(found))


@lru_cache(maxsize=2048)
def _is_unknown(text: str) -> bool:
    """Whether `text` can be about actions of KMS, and is about none that we know."""
    if not text.lower().startswith(PREFIX):
        return False
    return not any(covers_action((text,), name) for name in (*KEY_ACTIONS, *_NOT_ON_KEYS))


@lru_cache(maxsize=2048)
def _known_bits(pattern: str) -> int:
    """The bits of the known actions that `pattern` covers."""
    return sum(1 << index for index, name in enumerate(KEY_ACTIONS) if covers_action((pattern,), name))
