"""KC3xx: grants that give more, or stay longer, than they need to.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit
from reconciler.lint.registry import Family
from reconciler.lint.subject import Subject
from reconciler.policy.principals import is_unique_id


def grant_allows_grants(subject: Subject) -> Iterator[Hit]:
    """The grantee can hand on what it was given."""
    for index, grant in enumerate(subject.grants):
        if "CreateGrant" in grant.terms.operations:
            yield Hit(f"{grant.resource} lets its grantee make grants", ("grants", index, "spec", "operations"))


def grant_without_retirement(subject: Subject) -> Iterator[Hit]:
    """Only who may revoke grants of the key can end it."""
    for index, grant in enumerate(subject.grants):
        terms = grant.terms
        if not (terms.retiring_principal or terms.retiring_service or "RetireGrant" in terms.operations):
            yield Hit(f"{grant.resource} names nobody who may retire it", ("grants", index, "spec"))


def grant_without_context(subject: Subject) -> Iterator[Hit]:
    """With a constraint it is good for one purpose alone."""
    for index, grant in enumerate(subject.grants):
        limits = grant.terms.constraints
        bound = limits.encryption_context_equals or limits.encryption_context_subset or limits.source_arn
        if subject.symmetric and "Decrypt" in grant.terms.operations and not bound:
            yield Hit(
                f"{grant.resource} lets its grantee decrypt whatever the key encrypted", ("grants", index, "spec")
            )


def grant_to_another_account(subject: Subject) -> Iterator[Hit]:
    """Known, and worth a look."""
    for index, grant in enumerate(subject.grants):
        arn = Arn.parse(grant.terms.grantee_principal or "")
        if arn is not None and subject.account is not None and arn.account not in ("", subject.account):
            what = f"{grant.resource} is for {printable(str(arn))}, of another account"
            yield Hit(what, ("grants", index, "spec", "granteePrincipal"))


def deleted_grantee(subject: Subject) -> Iterator[Hit]:
    """What a grant shows once the role or user that it is for was deleted; nobody can use it."""
    for index, grant in enumerate(subject.grants):
        grantee = grant.terms.grantee_principal or ""
        if is_unique_id(grantee):
            yield Hit(f"{grant.resource} is for {grantee}, a role or user that was deleted", ("grants", index, "spec"))


PROBES: Family = {
    "KC210": grant_to_another_account,
    "KC308": grant_allows_grants,
    "KC309": grant_without_retirement,
    "KC310": grant_without_context,
    "KC312": deleted_grantee,
}
