"""Who can ask, as far as policies tell people apart: those whom they name, and somebody for all whom they do not."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.kit.arn import Arn, root_arn
from reconciler.policy.meaning.automaton import Gap, Pattern
from reconciler.policy.meaning.following import ACCOUNTS, ARNS, FOLLOW, SERVICES, USERS, Following
from reconciler.policy.meaning.texts import RUN, Domain, TextTests, text_classes
from reconciler.policy.principals import Principal, PrincipalKind, is_account_id, is_principal_arn, is_service

_IN_NAMES = frozenset(string.ascii_letters + string.digits + "+=,.@_-/")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names, and paths"""
_IN_SERVICES = frozenset(string.ascii_lowercase + string.digits + ".-")
_STRANGERS = ("999988887777", "999966665555", "999944443333", "999922221111")
_TWELVE_DIGITS = Pattern((Gap(run=False),) * 12)
_OF_AWS = Pattern((RUN, ".amazonaws.com"))
_SOME_SERVICES = ("some-service.amazonaws.com", "another-service.amazonaws.com")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Whom policies mention: by name, and in what they ask of those who ask."""

    names: frozenset[Principal]
    first: frozenset[Principal]
    """Of the names, those to look at first."""
    following: Following
    """What they ask of those who ask."""
    account: str
    """The key's."""
    partition: str


def people(mentioned: Mentioned) -> Iterator[str]:
    """ARNs and services' names: one for all who are told apart by nothing.

    Those to look at first, then strangers, then others that are mentioned; the rest of the key's own account last.
    """
    yield from _by_name(mentioned.first, mentioned)
    *others, ours = _accounts(mentioned)
    for partition, account in others:
        yield from _of_account(partition, account, mentioned)
    yield from _services(mentioned)
    yield from _by_name(mentioned.names - mentioned.first, mentioned)
    yield from _of_account(*ours, mentioned)


def _by_name(names: frozenset[Principal], mentioned: Mentioned) -> Iterator[str]:
    """Users, roles, sessions and providers that are `names`; of roles also sessions that nobody names."""
    found = sorted(name.name for name in names if Arn.parse(name.name) is not None and not name.name.endswith(":root"))
    yield from found
    for name in found:
        yield from _sessions(name, mentioned)


def _sessions(name: str, mentioned: Mentioned) -> Iterator[str]:
    """Of a role a session that nobody names; of a session its role, and another session."""
    arn = Arn.parse(name)
    kind, _, rest = arn.resource.partition("/") if arn else ("", "", "")
    if arn is None or kind not in ("role", "assumed-role"):
        return
    role = rest.rpartition("/")[2] if kind == "role" else rest.partition("/")[0]
    session = _unnamed("session", f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{role}/", mentioned)
    if kind == "assumed-role":
        yield str(Arn(arn.partition, "iam", "", arn.account, f"role/{role}"))
    yield session


def _unnamed(what: str, prefix: str, mentioned: Mentioned) -> str:
    """An ARN with `prefix` that no policy names."""
    names = {name.name for name in mentioned.names}
    tried = (f"{prefix}{what}{number or ''}" for number in range(len(names) + 1))
    return next(name for name in tried if name not in names)


def _accounts(mentioned: Mentioned) -> Iterator[tuple[str, str]]:
    """Those that are mentioned, one that is not, and last the key's own; each with its partition."""
    literals = {value for column in mentioned.following.columns if column.key in FOLLOW for value in column.values}
    names = {name.name for name in mentioned.names} | literals
    arns = [arn for name in names if (arn := Arn.parse(name)) is not None]
    known = {(arn.partition, arn.account) for arn in arns if is_account_id(arn.account)}
    known |= {(mentioned.partition, value) for value in literals if is_account_id(value)}
    known |= {(mentioned.partition, filled) for value in literals if (filled := _filled(value)) is not None}
    ids = frozenset(account for _, account in known) | {mentioned.account}
    strangers = tuple(one for one in _STRANGERS if one not in ids) or ("999900000000",)
    domain = Domain(shape=_TWELVE_DIGITS, wanted=str.isdigit, likely=strangers, avoid=ids)
    known |= {(mentioned.partition, value) for value in _shaped(ACCOUNTS, mentioned, domain)}
    own = (mentioned.partition, mentioned.account)
    yield from sorted(known - {own})
    yield own


def _filled(pattern: str) -> str | None:
    """An account that the account part of an ARN pattern, or a pattern for accounts, could mean."""
    parts = pattern.split(":")
    text = parts[4] if len(parts) > 5 else pattern
    digits = text.replace("?", "0")
    if not digits.replace("*", "").isdigit() or "*" not in digits:
        return digits if is_account_id(digits) else None
    filled = digits.replace("*", "0" * (13 - len(digits)), 1).replace("*", "")
    return filled if is_account_id(filled) else None


def _of_account(partition: str, account: str, mentioned: Mentioned) -> Iterator[str]:
    """Somebody of each kind in `account`, for each way in which policies ask for their ARNs and names."""
    arns, users = mentioned.following.tests(ARNS), mentioned.following.tests(USERS)
    named = frozenset(name.name for name in mentioned.names)
    for service, kind in (("iam", "role"), ("iam", "user"), ("sts", "federated-user")):
        prefix = f"arn:{partition}:{service}::{account}:{kind}/"
        likely = (_unnamed(f"some-{kind}", prefix, mentioned),)
        domain = Domain(prefix, wanted=_IN_NAMES.__contains__, likely=likely, avoid=named | {prefix})
        found = [*_texts(arns, domain)]
        if kind == "user" and users is not None:
            found += [prefix + name for name in _texts(users, Domain(wanted=_IN_NAMES.__contains__))]
        yield from (name for name in (*likely, *found) if is_principal_arn(name) and not name.endswith("/"))
        if kind == "role":
            yield likely[0].replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/session"
    yield root_arn(account, partition)


def _services(mentioned: Mentioned) -> Iterator[str]:
    named = sorted(name.name for name in mentioned.names if name.kind is PrincipalKind.SERVICE)
    yield from named
    asked = mentioned.following.asked(SERVICES)
    patterns = sorted({value.replace("*", "x").replace("?", "x") for _, one in asked for value in one.values})
    likely = (*_SOME_SERVICES, *patterns, *(f"{text}.amazonaws.com" for text in patterns if not is_service(text)))
    domain = Domain(shape=_OF_AWS, wanted=_IN_SERVICES.__contains__, likely=likely, avoid=frozenset(named))
    found = dict.fromkeys((*_SOME_SERVICES, *_shaped(SERVICES, mentioned, domain)))
    yield from (name for name in found if is_service(name) and name not in named)


def _shaped(key: str, mentioned: Mentioned, domain: Domain) -> Iterator[str]:
    """As `_texts`, for a domain that has a shape."""
    asked = mentioned.following.asked(key)
    return _texts(TextTests(asked, {}, domain.shape) if asked else None, domain)


def _texts(tests: TextTests | None, domain: Domain) -> Iterator[str]:
    """A text of `domain` for each way to answer the questions of `tests`; where there are none, one."""
    if tests is None:
        yield domain.likely[0]
        return
    yield from (one.value for one in text_classes(tests, domain).classes)
