"""Who outside the account a policy lets in, by the look of its statements.

This reads the structure and evaluates nothing: a Deny statement narrows nothing here, so that exposure is told rather
too often than too seldom.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from reconciler.policy.actions import matching
from reconciler.policy.conditions import Condition, split_operator
from reconciler.policy.document import PolicyDocument
from reconciler.policy.patterns import is_literal
from reconciler.policy.principals import ANYONE, account_of, is_account_id
from reconciler.policy.statement import Effect, Statement

_ACCOUNT_KEYS = frozenset({"kms:calleraccount", "aws:principalaccount", "aws:sourceaccount"})
_ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn"})
_NAME_KEYS = frozenset({
    "aws:principalorgid", "aws:principalservicename", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce",
})  # fmt: skip
_PREFIX_KEYS = {"aws:principalorgpaths": "/", "aws:sourceorgpaths": "/", "aws:userid": ":"}
"""Keys whose values name somebody before the separator, and may go on with a wildcard."""
_NARROWING = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"})
_BROADEST = {4: 8, 6: 32}
"""Networks with shorter prefixes are the internet, as Amazon S3 counts public access
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html)."""


def is_public(document: PolicyDocument) -> bool:
    """Whether a statement allows everybody, without a condition that names accounts, principals or sources.

    Organisations, networks and VPC endpoints are sources; `kms:ViaService` is none, for every account can call through
    a service. An Allow with `NotPrincipal` lets in everybody else; one about no action on keys, nobody.
    """
    return any(
        statement.effect is Effect.ALLOW
        and _open_to_anyone(statement)
        and _is_about_keys(statement)
        and not any(_narrows(condition) for condition in statement.conditions)
        for statement in document.statements
    )


def external_accounts(document: PolicyDocument, account: str) -> frozenset[str]:
    """Ids of the accounts other than `account` that an Allow names, as principals or, with `*`, in its conditions."""
    allowing = (statement for statement in document.statements if statement.effect is Effect.ALLOW)
    return frozenset(name for statement in allowing for name in _accounts_in(statement)) - {account}


def _open_to_anyone(statement: Statement) -> bool:
    return bool(statement.not_principals) or any(principal.name == ANYONE for principal in statement.principals)


def _is_about_keys(statement: Statement) -> bool:
    return bool(statement.not_actions) or any(map(matching, statement.actions))


def _accounts_in(statement: Statement) -> Iterator[str]:
    yield from filter(None, map(account_of, statement.principals))
    if not _open_to_anyone(statement):
        return
    for condition in filter(_narrows, statement.conditions):
        for value in condition.values:
            parts = value.split(":", 5)
            owner = parts[4] if len(parts) == 6 else value
            if is_account_id(owner):
                yield owner


def _narrows(condition: Condition) -> bool:
    """Whether `condition` holds only for callers or sources that it names; when the key is missing it must fail."""
    set_operator, base, if_exists = split_operator(condition.operator)
    if if_exists or base not in _NARROWING or set_operator == "ForAllValues:":
        return False
    return all(_names_somebody(base, condition.key.lower(), value) for value in condition.values)


def _names_somebody(base: str, key: str, value: str) -> bool:
    if key in _ACCOUNT_KEYS | _NAME_KEYS:
        return is_literal(value)
    if key in _ARN_KEYS:
        return _names_owner(base, value)
    if key in _PREFIX_KEYS:
        name = value.split(_PREFIX_KEYS[key], 1)[0]
        return bool(name) and is_literal(name)
    return key == "aws:sourceip" and _is_narrow_network(value)


def _names_owner(base: str, value: str) -> bool:
    """Whether an ARN pattern fixes the account, or, where the service leaves it out of its ARNs, the whole resource.

    The string operators know no colons: a wildcard before the account could run on into the resource.
    """
    parts = value.split(":", 5)
    if len(parts) != 6 or not (base.startswith("Arn") or is_literal(":".join(parts[:5]))):
        return False
    return is_account_id(parts[4]) or (not parts[4] and is_literal(parts[5]))


def _is_narrow_network(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _BROADEST[network.version]
