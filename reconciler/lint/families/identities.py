"""KC3xx: IAM policies that reach every key.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.lint.finding import Hit
from reconciler.lint.policytext import Placed
from reconciler.lint.registry import IdentityProbe
from reconciler.lint.statements import actions_of
from reconciler.lint.subject import IdentitySubject
from reconciler.policy.conditions import Condition, split_operator
from reconciler.policy.patterns import matches
from reconciler.policy.statement import Effect

_DECRYPTS: Final = frozenset({"Decrypt", "ReEncryptFrom"})
_OF_KEYS: Final = ("aws:resourcetag/", "kms:resourcealiases", "kms:requestalias")
_POSITIVE: Final = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike"})
_SOME_KEY: Final = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_ANOTHER_KEY: Final = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"


def _decrypts_with_any(subject: IdentitySubject) -> Iterator[Placed]:
    """Statements that allow decryption with every key.

    Conditions do not count, as in Security Hub's control, but those that choose keys by their tags or aliases.
    """
    for one in subject.document.statements:
        every = bool(one.statement.not_resources) or any(map(_is_every_key, one.statement.resources))
        every = every and not any(map(_chooses_keys, one.statement.conditions))
        if every and one.statement.effect is Effect.ALLOW and _DECRYPTS & actions_of(one.statement):
            yield one


def _is_every_key(resource: str) -> bool:
    """Whether a pattern, whatever its account and Region, covers every key there."""
    if resource == "*":
        return True
    parts, some = resource.split(":", 5), _SOME_KEY.split(":", 5)
    return (
        len(parts) == 6
        and matches(parts[2], "kms")
        and matches(parts[5], some[5])
        and matches(parts[5], _ANOTHER_KEY.split(":", 5)[5])
    )


def _chooses_keys(condition: Condition) -> bool:
    """Source: https://docs.aws.amazon.com/kms/latest/developerguide/abac.html."""
    set_operator, base, if_exists = split_operator(condition.operator)
    fails = not if_exists and set_operator != "ForAllValues:" and base in _POSITIVE
    return fails and condition.key.lower().startswith(_OF_KEYS) and all(value.strip("*?") for value in condition.values)


def decrypts_with_every_key(subject: IdentitySubject) -> Iterator[Hit]:
    """A managed policy lets its users decrypt whatever key policies leave to IAM."""
    if not subject.inline:
        for one in _decrypts_with_any(subject):
            yield Hit(f"{one.name} allows decryption with every key", (*one.path, "Resource"))


def decrypts_with_every_key_inline(subject: IdentitySubject) -> Iterator[Hit]:
    """Likewise an inline policy."""
    if subject.inline:
        for one in _decrypts_with_any(subject):
            yield Hit(f"{one.name} allows decryption with every key", (*one.path, "Resource"))


PROBES: dict[str, IdentityProbe] = {
    "KC306": decrypts_with_every_key,
    "KC307": decrypts_with_every_key_inline,
}
