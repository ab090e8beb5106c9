"""How the manifest of a key finds the key that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reconciler.convert.drafts import KeyDraft
from reconciler.convert.remarks import TO_DO, Words


def adopted(draft: KeyDraft, aliases: Sequence[str]) -> tuple[dict[str, Any], Words | None]:
    """`adopt` by id or ARN, else by an alias, else not at all; and what there is to say of it."""
    if draft.identity is None and not draft.may_exist:
        why = "the plan is to create it"
        return {}, Words("it adopts no key", why, "let one of the two create it, and convert the state then", TO_DO)
    if draft.primary is not None:
        return {"adopt": True}, None
    if draft.identity is not None:
        return {"adopt": {"keyId": draft.identity}}, None
    if aliases:
        fix = f"see that {draft.subject.tool} has made it; else take `adopt` out, and a key is made"
        words = Words(f"it adopts the key that {min(aliases)} points to", "its id is not known", fix, TO_DO)
        return {"adopt": {"alias": min(aliases).removeprefix("alias/")}}, words
    fix = "name the key that is there by `adopt.keyId`, or apply makes a new one"
    return {}, Words("it adopts no key", "neither its id nor an alias of it is known", fix, TO_DO)
