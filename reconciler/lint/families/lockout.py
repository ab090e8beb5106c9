"""KC2xx: keys that nobody, or not their manager, could change any more.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit
from reconciler.lint.registry import Family
from reconciler.lint.statements import accounts_of, allows, is_anyone, is_own_account
from reconciler.lint.subject import Subject
from reconciler.policy.administration import administrators, locks_out


def unmanageable_key(subject: Subject) -> Iterator[Hit]:
    """Nobody may put another policy."""
    document = subject.document.document if subject.document else None
    if document is None:
        return
    if not any(administrators(document, account=one, partition=subject.partition) for one in accounts_of(subject)):
        yield Hit("nobody could change the policy again")


def caller_locked_out(subject: Subject) -> Iterator[Hit]:
    """Who manages the key could not go on doing so."""
    document = subject.document.document if subject.document else None
    if document is None or subject.account is None or subject.caller is None:
        return
    if not administrators(document, account=subject.account, partition=subject.partition):
        return
    why = locks_out(document, account=subject.account, partition=subject.partition, caller_arn=subject.caller)
    if why is not None:
        yield Hit(f"{printable(subject.caller)} could not change the policy again: {why}")


def no_account_statement(subject: Subject) -> Iterator[Hit]:
    """Without the account, the key depends on the roles and users that are named."""
    if subject.document is None or not subject.document.statements:
        return
    for one in allows(subject):
        principals = one.statement.principals
        if any(is_own_account(each, subject) or is_anyone(each) for each in principals):
            return
    yield Hit("no statement lets the account itself in, so IAM policies give nobody access to the key")


PROBES: Family = {
    "KC203": unmanageable_key,
    "KC204": caller_locked_out,
    "KC205": no_account_statement,
}
