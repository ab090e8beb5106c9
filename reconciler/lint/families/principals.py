"""KC1xx: principals that are nobody, or will be."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit, Path
from reconciler.lint.policytext import Placed
from reconciler.lint.registry import Family
from reconciler.lint.statements import allows, placed
from reconciler.lint.subject import Subject
from reconciler.policy.principals import Principal, PrincipalKind, is_unique_id


def _named(one: Placed) -> Iterator[tuple[Principal, Path]]:
    for name, principals in (("Principal", one.statement.principals), ("NotPrincipal", one.statement.not_principals)):
        for principal in principals:
            yield principal, (*one.path, name, principal.kind.value)


def deleted_principal(subject: Subject) -> Iterator[Hit]:
    """What a live policy shows once a role or user was deleted; one of the same name gets nothing by it.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    for one in placed(subject):
        for principal, path in _named(one):
            if principal.kind is PrincipalKind.AWS and is_unique_id(principal.name):
                yield Hit(f"{one.name} names {principal.name}, a role or user that was deleted", path)


def principal_of_another_partition(subject: Subject) -> Iterator[Hit]:
    """Partitions share neither principals nor keys."""
    for one in placed(subject):
        for principal, path in _named(one):
            arn = Arn.parse(principal.name)
            if arn is not None and arn.partition != subject.partition:
                yield Hit(f"{one.name} names {printable(principal.name)}, and the key is in {subject.partition}", path)


def session_principal(subject: Subject) -> Iterator[Hit]:
    """One session of a role: the next one has another name."""
    for one in allows(subject):
        for principal, path in _named(one):
            if ":assumed-role/" in principal.name or ":federated-user/" in principal.name:
                yield Hit(f"{one.name} names one session, {printable(principal.name)}", path)


PROBES: Family = {
    "KC115": deleted_principal,
    "KC128": principal_of_another_partition,
    "KC130": session_principal,
}
