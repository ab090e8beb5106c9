"""Who carries out a rehearsal: the caller of the real account, with what is known of its IAM.

Where nothing is known of an account's IAM, its caller is taken for an administrator by IAM, and every user and role
that a policy names for one that there is. Key policies and grants decide in either case, as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.engine.identities import Account as Known
from reconciler.engine.identities import Identities, Role, User
from reconciler.kit.arn import Arn, root_arn
from reconciler.model.observed import Account
from reconciler.policy.access import Guardrails, Person
from reconciler.policy.access import Identities as Told
from reconciler.policy.evaluate import NamedPolicy, Unparsable, parse_identity_policy

_EVERYTHING: Final = NamedPolicy(
    "AdministratorAccess",
    parse_identity_policy('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'),
)
_NO_TRUST: Final = NamedPolicy("trust policy", Unparsable("nobody assumes a role in a rehearsal"))


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, and who calls."""

    identities: Identities
    principals: Mapping[str, str]
    """By the ARN of the real caller, whom the copy takes it for."""
    notes: tuple[str, ...]
    """Sentences, without a full stop."""


def cast(accounts: Iterable[Account], told: Told) -> Cast:
    """Everybody in a rehearsal in `accounts`, of whose IAM `told` is known."""
    known = _accounts(told)
    principals, notes = dict[str, str](), []
    for account in sorted(accounts, key=lambda one: (one.caller_arn, one.region)):
        caller, arn = account.caller_arn, Arn.parse(account.caller_arn)
        if caller in principals:
            continue
        principals[caller] = caller
        if arn is None or arn.account in told.accounts or arn.resource == "root":
            continue
        one = _administrator(arn)
        if one is None:
            principals[caller] = root_arn(account.account_id, account.partition)
            notes.append(f"{caller} is taken for the root user of its account: the copy knows no such principal")
            continue
        known[arn.account] = _with(known.get(arn.account, Known(arn.account, partial=True)), one)
        notes.append(
            f"{caller} is taken for an administrator by IAM, of which nothing is known: say --identities or --iam"
        )
    return Cast(Identities(known), principals, tuple(notes))


def _administrator(caller: Arn) -> User | Role | None:
    kind, _, rest = caller.resource.partition("/")
    match caller.service, kind:
        case "iam", "user":
            return User(str(caller), (_EVERYTHING,))
        case "sts", "assumed-role":
            role = Arn(caller.partition, "iam", "", caller.account, f"role/{rest.partition('/')[0]}")
            return Role(str(role), _NO_TRUST, (_EVERYTHING,))
        case "iam", "role":
            return Role(str(caller), _NO_TRUST, (_EVERYTHING,))
        case _:
            return None


def _accounts(told: Told) -> dict[str, Known]:
    people = [_principal(one) for one in told]
    return {account: _account(account, people, told.guardrails.get(account, Guardrails())) for account in told.accounts}


def _account(account: str, people: Iterable[User | Role], rails: Guardrails) -> Known:
    known = Known(
        account,
        organization_id=rails.organization,
        service_control=rails.service_control,
        resource_control=rails.resource_control,
    )
    return _with(known, *_of(account, people))


def _of(account: str, people: Iterable[User | Role]) -> Iterator[User | Role]:
    return (one for one in people if one.arn.split(":")[4] == account)


def _with(account: Known, *people: User | Role) -> Known:
    users = {_name(one): one for one in people if isinstance(one, User)}
    roles = {_name(one): one for one in people if isinstance(one, Role)}
    return replace(account, users={**account.users, **users}, roles={**account.roles, **roles})


def _name(one: User | Role) -> str:
    return one.arn.rpartition("/")[2]


def _principal(one: Person) -> User | Role:
    policies, boundary = one.policies.policies, one.policies.boundary
    if ":user/" in one.arn:
        return User(one.arn, policies, boundary, one.tags)
    return Role(one.arn, _NO_TRUST, policies, boundary, one.tags)
