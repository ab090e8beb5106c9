"""Questions about one key, answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reconciler.policy.access import Identities, can, can_in_session, who
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import NamedPolicy, Unparsable
from reconciler.report.access.shown import AnswerShown, ListShown
from reconciler.workflow.access.find import FoundKey
from reconciler.workflow.access.questions import Question, actions_called, actions_of, ask_of


def answer(
    found: FoundKey,
    question: Question,
    identities: Identities | None,
    now: datetime,
    session: PolicyDocument | None = None,
) -> AnswerShown:
    """Whether `question` is allowed with the key, at the instant `now`; `identities` is what is known of IAM.

    `session` is the policy that the principal's session is limited to.

    Raises:
        KmsctlError: a principal or an action that there is none.
    """
    ask = ask_of(question, found.facts, now)
    known = identities or Identities()
    key, informed, policies = known.guarded(found.facts), known.informed(ask), known.policies_of(ask.principal)
    if session is None:
        answered = can(key, informed, policies)
    else:
        answered = can_in_session(key, informed, policies, NamedPolicy("", session))
    return AnswerShown(found.shown, ask, answered, inapplicable=ask.action not in actions_of(found.facts))


def everybody(found: FoundKey, patterns: Iterable[str], identities: Identities | None) -> ListShown:
    """Who may do what of the actions that `patterns` name; without any, of all that the key can be asked.

    Raises:
        KmsctlError: a pattern that names no action.
    """
    actions = actions_called(patterns, found.facts)
    policy = found.facts.policy
    return ListShown(
        found.shown,
        who(found.facts, actions, identities),
        actions,
        actions_of(found.facts),
        known=identities.accounts if identities else frozenset(),
        unreadable=policy.why if isinstance(policy, Unparsable) else "",
    )
