"""Who may use a key from now on that others use already: what they encrypted can be read by them too."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.model.observed import ObservedKey
from reconciler.model.usage import NeverUsed, UsedAt
from reconciler.plan.access.diff import UNKNOWN, AccessChange
from reconciler.plan.access.reach import EXCEPT, Way
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.plan.decide.view import TargetView
from reconciler.policy.actions import PREFIX
from reconciler.policy.principals import ANYONE

_READS = frozenset({
    "kms:Decapsulate", "kms:Decrypt", "kms:DeriveSharedSecret", "kms:GenerateMac", "kms:ReEncryptFrom", "kms:Sign",
    "kms:VerifyMac",
})  # fmt: skip
"""What makes sense of, or forges, what others made with a key."""
_MOST_NAMES = 5
_BY_POLICY = (Way.KEY_POLICY, Way.DELEGATION)


def wider_use(view: TargetView, key: ObservedKey, access: tuple[AccessChange, ...]) -> Iterator[Risk]:
    """Of the key policy of a key that is, or may be, in use. Who is of other accounts, or everybody, is told apart."""
    had = {(one.principal, action) for one in access if not one.gained for action in one.actions}
    readers = {
        (one.principal, action)
        for one in access
        if one.gained and one.way in _BY_POLICY and _is_one(one.principal)
        for action in _READS.intersection(one.actions)
    } - had
    names = sorted({principal for principal, _ in readers})
    unread = any(one.principal == UNKNOWN for one in access)  # everybody is new then, and that is said
    if unread or not names or not may_be_in_use(view, key):
        return
    shown = ", ".join(map(printable, names[:_MOST_NAMES]))
    more = f" and {len(names) - _MOST_NAMES} others" if len(names) > _MOST_NAMES else ""
    since = f"was last used on {key.last_use.at:%Y-%m-%d}" if isinstance(key.last_use, UsedAt) else "may be in use"
    action = min(action for principal, action in readers if principal == names[0]).removeprefix(PREFIX)
    why = f"{shown}{more} may {action} with key {key.key_id}, which {since}: what others made with it too"
    yield Risk(RiskLevel.CAUTION, "wider-use", why)


def _is_one(principal: str) -> bool:
    return principal not in (ANYONE, UNKNOWN) and not principal.startswith(EXCEPT)


def may_be_in_use(view: TargetView, key: ObservedKey) -> bool:
    """Whether `key` was used lately, or nobody knows."""
    match key.last_use:
        case UsedAt(at):
            return view.observed.read_at - at <= view.options.in_use_within
        case NeverUsed():
            return False
        case _:
            return True
