"""The IAM policies of users and roles, made ready for checks."""

from __future__ import annotations

from reconciler.kit.printable import printable
from reconciler.lint.subject import IdentitySubject
from reconciler.policy.access import Identities
from reconciler.policy.document import PolicyDocument, to_text

_INLINE = "inline policy "
"""How the policies begin to be called that are written with a user or role, and have no name of their own."""


def subjects_iam(identities: Identities) -> tuple[IdentitySubject, ...]:
    """Every policy that gives somebody something, a shared one once, sorted by what it is called.

    Permission boundaries give nothing, and what cannot be read allows nothing.
    """
    found: dict[str, IdentitySubject] = {}
    for person in identities.people.values():
        for policy in person.policies.policies:
            inline = policy.name.startswith(_INLINE)
            name = printable(policy.name, limit=80)
            resource = f"{name} of {printable(person.arn)}" if inline else f"the policy {name}"
            if isinstance(policy.document, PolicyDocument):
                found[resource] = IdentitySubject(resource, to_text(policy.document), inline=inline)
    return tuple(found[name] for name in sorted(found))
