"""KC2xx: what other accounts are let do.

Source: "Cross-account use" of each operation in https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.lint.families.privilege import limits_grants
from reconciler.lint.finding import Hit
from reconciler.lint.reference import SERVICE, actions_matching, reference
from reconciler.lint.registry import Family
from reconciler.lint.statements import actions_of, allows, is_foreign
from reconciler.lint.subject import Subject
from reconciler.policy.evaluate import works_across_accounts
from reconciler.policy.patterns import is_literal


def action_not_across_accounts(subject: Subject) -> Iterator[Hit]:
    """It works in the key's own account only, so allowing it to others does nothing."""
    for one in allows(subject):
        principals = one.statement.principals
        if not principals or not all(is_foreign(each, subject) for each in principals):
            continue
        for action in one.statement.actions:
            names = reference().on_key.intersection(actions_matching(action))
            if is_literal(action) and names and not any(works_across_accounts(SERVICE + name) for name in names):
                what = f"{one.name} allows {printable(action)} to another account, where it does not work"
                yield Hit(what, (*one.path, "Action"))


def grants_by_another_account(subject: Subject) -> Iterator[Hit]:
    """Who may make grants decides who uses the key."""
    for one in allows(subject):
        foreign = [each for each in one.statement.principals if is_foreign(each, subject)]
        if foreign and "CreateGrant" in actions_of(one.statement) and not limits_grants(one.statement):
            yield Hit(f"{one.name} lets {printable(foreign[0].name)} make grants for whomever it wants", one.path)


PROBES: Family = {
    "KC208": action_not_across_accounts,
    "KC211": grants_by_another_account,
}
