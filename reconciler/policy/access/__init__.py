"""Who may do what with a key, and why: one request asked (`can`), or everybody listed (`who`). Pure.

It stands on `policy.evaluate`, which decides; here is what a request's context is when only the request is known, and
what to say where IAM policies that are not known decide.
"""

from reconciler.policy.access.answer import Answer, Standing
from reconciler.policy.access.ask import Ask
from reconciler.policy.access.can import can, can_in_session
from reconciler.policy.access.entry import Entry, Way
from reconciler.policy.access.identities import Guardrails, Identities, Person
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.who import who

__all__ = [
    "Answer",
    "Ask",
    "Entry",
    "Guardrails",
    "Identities",
    "KeyFacts",
    "Person",
    "Standing",
    "Way",
    "can",
    "can_in_session",
    "who",
]
