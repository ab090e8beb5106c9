"""What is known of IAM: from an identities file, or read from the key's account."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

from reconciler.engine.identities import Identities as Declared
from reconciler.engine.identities import Role, User
from reconciler.kit.errors import KmsctlError
from reconciler.kms.iam import read_identities as read_iam
from reconciler.model.identifiers import TargetName
from reconciler.policy.access import Guardrails, Identities, Person
from reconciler.policy.evaluate import IdentityPolicies
from reconciler.workflow.session import Session


def identities_from_iam(session: Session, targets: Iterable[TargetName]) -> Identities:
    """The users and roles of the accounts of `targets`; each account is read once.

    Raises:
        KmsError: IAM refused to be read.
        KmsctlError: a target is the bundled KMS, which has no IAM.
    """
    accounts = {session.accounts[name].account_id: name for name in sorted(targets, reverse=True)}
    return reduce(or_, (_read(session, name) for name in accounts.values()), Identities())


def _read(session: Session, target: TargetName) -> Identities:
    connection = session.connections[target]
    if connection.immediate:
        raise KmsctlError(
            "the bundled KMS has no IAM to read",
            why="who there is comes from an identities file",
            fix="say --identities FILE",
        )
    return read_iam(connection.kms, connection.account)


def of_declared(declared: Declared) -> Identities:
    """The users and roles of the bundled KMS."""
    accounts = declared.accounts.values()
    people: list[User | Role] = [one for account in accounts for one in account.users.values()]
    people += [one for account in accounts for one in account.roles.values()]
    rails = {
        one.account_id: Guardrails(one.organization_id, one.service_control, one.resource_control) for one in accounts
    }
    return Identities.of_people(declared.accounts, map(_person, people), rails)


def _person(one: User | Role) -> Person:
    return Person(one.arn, IdentityPolicies(one.policies, one.boundary), one.tags)
