"""Show: the keys of a stack as they really are, whatever the manifests say."""

from __future__ import annotations

from reconciler.model.scope import Scope, Wanted
from reconciler.report.keys import KeyList, keys_of
from reconciler.workflow.session import Session, observe_all


def list_keys(session: Session, *, everyones: bool = False) -> KeyList:
    """The keys of the session's stack, or all of its accounts, with rotation and grants where they are the stack's.

    Raises:
        KmsError: a target refused to be read.
    """
    stack = session.desired.stack
    scope = Scope(stack, every_grant=True, everything=everyones, others=Wanted(rotation=True))
    observed = observe_all(session, dict.fromkeys(session.connections, scope))
    return keys_of(observed, stack, everyones=everyones)
