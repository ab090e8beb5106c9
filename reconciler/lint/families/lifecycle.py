"""KC5xx: keys that end, or cannot be used.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.lint.finding import Hit
from reconciler.lint.registry import Family
from reconciler.lint.subject import Subject
from reconciler.model.desired import MAX_WINDOW
from reconciler.model.keyspec import KeyState

_DELETION: Final = ("spec", "deletion")
_UNUSABLE: Final = (KeyState.PENDING_IMPORT, KeyState.UNAVAILABLE)


def pending_deletion(subject: Subject) -> Iterator[Hit]:
    """When the window ends, everything that it encrypted is lost."""
    if subject.state in (KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION):
        yield Hit("the key's deletion is scheduled")


def disabled_key(subject: Subject) -> Iterator[Hit]:
    """Nothing that it encrypted can be read meanwhile."""
    if subject.enabled is False or subject.state is KeyState.DISABLED:
        yield Hit("the key is disabled", ("spec", "enabled"))


def unusable_key(subject: Subject) -> Iterator[Hit]:
    """Its material is missing, or its store is not connected."""
    if subject.state in _UNUSABLE:
        yield Hit(f"the key cannot be used: its state is {subject.state}")


def schedule_on_removal(subject: Subject) -> Iterator[Hit]:
    """Whoever removes the manifest, and prunes, ends the key."""
    if subject.deletion is not None and subject.deletion.policy == "Schedule":
        yield Hit("the key's deletion is scheduled once its manifest is gone", (*_DELETION, "policy"))


def short_window(subject: Subject) -> Iterator[Hit]:
    """The window is the time that people have to notice."""
    deletion = subject.deletion
    if deletion is not None and deletion.policy == "Schedule" and deletion.window < MAX_WINDOW:
        what = f"a deletion of the key waits {deletion.window} days, and could wait {MAX_WINDOW}"
        yield Hit(what, (*_DELETION, "windowDays"))


def primary_with_replicas_scheduled(subject: Subject) -> Iterator[Hit]:
    """KMS deletes a primary only after all of its replicas: it waits, without a date.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
    """
    names = ", ".join(subject.replicas)
    if subject.state is KeyState.PENDING_REPLICA_DELETION:
        yield Hit(f"the key's deletion waits for its replicas: {names or 'some are left'}")
    elif subject.replicas and subject.deletion is not None and subject.deletion.policy == "Schedule":
        yield Hit(f"the key is to be scheduled for deletion, and has replicas: {names}", (*_DELETION, "policy"))


PROBES: Family = {
    "KC501": pending_deletion,
    "KC502": disabled_key,
    "KC503": schedule_on_removal,
    "KC504": short_window,
    "KC505": primary_with_replicas_scheduled,
    "KC511": unusable_key,
}
