"""What a command line asks: principals by their short names, actions in any case, the encryption context, facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.policy.access import Ask, KeyFacts
from reconciler.policy.actions import KEY_ACTIONS, PREFIX, actions_on, matching
from reconciler.policy.evaluate import Facts
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.principals import is_account_id, is_principal_arn, is_service

_IN_ACCOUNT = ("role/", "user/")
_SESSIONS = ("assumed-role/", "federated-user/")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a key, as it was said."""

    principal: str
    action: str
    context: Mapping[str, str] = field(default_factory=dict)
    via: str | None = None
    facts: Facts = field(default_factory=dict)
    """By condition key, in any case."""


def ask_of(question: Question, key: KeyFacts, now: datetime) -> Ask:
    """`question` about `key`, at the instant `now`.

    Raises:
        KmsctlError: a principal or an action that there is none.
    """
    given = {name.lower(): values for name, values in question.facts.items()}
    return Ask(
        principal_called(question.principal, key),
        action_called(question.action),
        context=dict(question.context),
        via=question.via,
        facts={**_time(now), **given},
    )


def _time(now: datetime) -> dict[str, tuple[str, ...]]:
    return {
        "aws:currenttime": (f"{now:%Y-%m-%dT%H:%M:%SZ}",),
        "aws:epochtime": (str(int(now.timestamp())),),
    }


def principal_called(name: str, key: KeyFacts) -> str:
    """The ARN, or the service's name, that `name` stands for in the account of `key`.

    Raises:
        KmsctlError: it is no principal.
    """
    if name.startswith(_IN_ACCOUNT) or name == "root":
        name = f"arn:{key.partition}:iam::{key.account}:{name}"
    elif name.startswith(_SESSIONS):
        name = f"arn:{key.partition}:sts::{key.account}:{name}"
    elif is_account_id(name):
        name = f"arn:{key.partition}:iam::{name}:root"
    if is_principal_arn(name) or is_service(name):
        return name
    raise KmsctlError(
        f"{printable(name)} is no principal that can ask",
        fix="use role/NAME, user/NAME, assumed-role/ROLE/SESSION or root of the key's account, an account id, an ARN, "
        "or a service such as logs.amazonaws.com",
    )


def action_called(name: str) -> str:
    """The one action on keys that `name` means: `kms:Decrypt`, `Decrypt` or `decrypt`.

    Raises:
        KmsctlError: there is none, or several.
    """
    found = matching(name)
    if len(found) == 1:
        return found[0]
    raise _no_action(name, found)


def actions_called(patterns: Iterable[str], key: KeyFacts) -> tuple[str, ...]:
    """The actions on `key` that one of `patterns` means, sorted; all that it can be asked when there is no pattern.

    Raises:
        KmsctlError: a pattern that means none.
    """
    given = tuple(patterns)
    if not given:
        return actions_of(key)
    found: set[str] = set()
    for pattern in given:
        actions = matching(pattern)
        if not actions:
            raise _no_action(pattern, actions)
        found.update(actions)
    return tuple(sorted(found))


def actions_of(key: KeyFacts) -> tuple[str, ...]:
    """Everything that `key` can be asked, sorted."""
    return actions_on(KeyTraits(key.usage, key.spec, key.origin, key.multi_region))


def _no_action(name: str, found: tuple[str, ...]) -> KmsctlError:
    if found:
        return KmsctlError(
            f"{printable(name)} is several actions", why=f"{', '.join(found)}", fix="ask for one of them at a time"
        )
    short = name.lower().removeprefix(PREFIX)
    by_short = {action.removeprefix(PREFIX).lower(): action for action in KEY_ACTIONS}
    near = get_close_matches(short, by_short, n=2) or [each for each in by_short if each.startswith(short)]
    guess = " or ".join(by_short[each] for each in near)
    return KmsctlError(
        f"{printable(name)} is no action on a key",
        fix=f"did you mean {guess}?" if guess else "use an action such as kms:Decrypt",
    )
