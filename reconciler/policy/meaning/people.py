"""Who can ask, as far as policies tell people apart: those whom they name, and somebody for all whom they do not."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.kit.arn import Arn, root_arn
from reconciler.policy.evaluate.text import Wildcard
from reconciler.policy.meaning.automaton import Token
from reconciler.policy.meaning.column import Column, Mode
from reconciler.policy.meaning.texts import Domain, is_textual, text_classes
from reconciler.policy.meaning.valueclass import Numbered
from reconciler.policy.principals import Principal, PrincipalKind, is_account_id, is_principal_arn, is_service

_ARNS = ("aws:principalarn",)
_ACCOUNTS = ("aws:principalaccount", "kms:calleraccount")
_SERVICES = ("aws:principalservicename", "aws:principalservicenameslist")
_USERS = ("aws:username",)
FOLLOW = frozenset({*_ARNS, *_ACCOUNTS, *_SERVICES, *_USERS, "aws:principalisawsservice", "aws:principaltype"})
"""Condition keys whose values follow from who asks."""

_IN_NAMES = frozenset(string.ascii_letters + string.digits + "+=,.@_-/")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names, and paths"""
_IN_SERVICES = frozenset(string.ascii_lowercase + string.digits + ".-")
_STRANGERS = ("999988887777", "999966665555", "999944443333", "999922221111")
_TWELVE_DIGITS = (Token(Wildcard.ONE),) * 12
_OF_AWS = (Token(Wildcard.RUN), *(Token(character) for character in ".amazonaws.com"))
_SOME_SERVICES = ("some-service.amazonaws.com", "another-service.amazonaws.com")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Whom policies mention: by name, and in what they ask of those who ask."""

    names: frozenset[Principal]
    first: frozenset[Principal]
    """Of the names, those to look at first."""
    columns: tuple[Column, ...]
    account: str
    """The key's."""
    partition: str

    def about(self, keys: Sequence[str]) -> Numbered:
        """The questions about the texts of one of `keys`, numbered."""
        found = [one for one in self.columns if one.key in keys and one.mode is not Mode.PRESENCE and not one.variables]
        return [(1 << index, one) for index, one in enumerate(one for one in found if is_textual(one.base))]


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
    columns = mentioned.about(_ACCOUNTS)
    literals = {value for column in mentioned.columns if column.key in FOLLOW for value in column.values}
    names = {name.name for name in mentioned.names} | literals
    arns = [arn for name in names if (arn := Arn.parse(name)) is not None]
    known = {(arn.partition, arn.account) for arn in arns if is_account_id(arn.account)}
    known |= {(mentioned.partition, value) for value in literals if is_account_id(value)}
    known |= {(mentioned.partition, filled) for value in literals if (filled := _filled(value)) is not None}
    ids = frozenset(account for _, account in known) | {mentioned.account}
    strangers = tuple(one for one in _STRANGERS if one not in ids) or ("999900000000",)
    domain = Domain(shape=_TWELVE_DIGITS, wanted=str.isdigit, likely=strangers, avoid=ids)
    known |= {(mentioned.partition, value) for value in _texts(columns, domain)}
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
    arns, users = mentioned.about(_ARNS), mentioned.about(_USERS)
    named = frozenset(name.name for name in mentioned.names)
    for service, kind in (("iam", "role"), ("iam", "user"), ("sts", "federated-user")):
        prefix = f"arn:{partition}:{service}::{account}:{kind}/"
        likely = (_unnamed(f"some-{kind}", prefix, mentioned),)
        domain = Domain(prefix, wanted=_IN_NAMES.__contains__, likely=likely, avoid=named | {prefix})
        found = [*_texts(arns, domain)]
        if kind == "user" and users:
            found += [prefix + name for name in _texts(users, Domain(wanted=_IN_NAMES.__contains__))]
        yield from (name for name in (*likely, *found) if is_principal_arn(name) and not name.endswith("/"))
        if kind == "role":
            yield likely[0].replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/session"
    yield root_arn(account, partition)


def _services(mentioned: Mentioned) -> Iterator[str]:
    named = sorted(name.name for name in mentioned.names if name.kind is PrincipalKind.SERVICE)
    yield from named
    columns = mentioned.about(_SERVICES)
    patterns = sorted({value.replace("*", "x").replace("?", "x") for _, one in columns for value in one.values})
    likely = (*_SOME_SERVICES, *patterns, *(f"{text}.amazonaws.com" for text in patterns if not is_service(text)))
    domain = Domain(shape=_OF_AWS, wanted=_IN_SERVICES.__contains__, likely=likely, avoid=frozenset(named))
    found = dict.fromkeys((*_SOME_SERVICES, *_texts(columns, domain)))
    yield from (name for name in found if is_service(name) and name not in named)


def _texts(columns: Numbered, domain: Domain) -> Iterator[str]:
    """A text of `domain` for each way to answer the questions `columns`; where there are none, one."""
    if not columns:
        yield domain.likely[0]
        return
    yield from (one.value for one in text_classes(columns, {}, domain).classes)
