"""One key a name, however many applies run at once.

KMS has no name for a key that only one can hold, and `CreateKey` has no client token. So two applies that both find
a name missing both create a key. Each then settles who goes on with which, before anything depends on its key:

1. *Claim.* A created key is a claim on its name and generation: its tags are set in the same instant as it.
2. *Wait.* The claimant waits until its own key is visible: to the tagging service in two looks in a row, to KMS in the
   first of them. The pause between these two is `MARGIN`, and twice as long as its creation took, and as long as it
   took to become visible.
3. *Decide.* It takes all claims that it sees now; the oldest wins, by creation date and then key id. If that is its
   own it goes on. If not it goes on with the winner's key, and schedules the deletion of its own, which nothing ever
   used, with the longest window.

Why all agree. The order is total and is decided by KMS when a key is created. So the oldest claim wins at whatever
time anybody looks, unless somebody decides without having seen an older claim. Let A decide at T without having seen
B. Then B became visible after T, so it was created after T less B's creation time and the lag of the reads. A waited,
from the end of its own creation until T, for longer than such a creation and such a lag, which it had measured on its
own key. So B was created after A, and B's date is later: B will see A and yield. It does not matter whether A looked
before B came, nor how many others come: a third claimant sees the same oldest claim, or is it. Somebody who yielded
never comes back, and nobody yields to a younger claim, so nobody's winner is ever deleted by a claimant.

What the argument leaves open, and what covers it. A lag that is much longer for B than it was for A, or clocks inside
KMS that differ by more than `MARGIN`, can leave two claimants that both go on. Then there are two keys of one name and
generation. So can a crash between steps 1 and 3. The next plan shows them: the older is meant, by the same order; the
younger is scheduled for deletion only if it never encrypted and has no alias. A claimant checks as much before
it schedules its own: a key that somebody has given an alias or a grant is kept, and the step fails and says so.

A KMS that shows at once what was written, and dates keys in that order (`Site.immediate`: the bundled one), leaves
nothing open: whoever was not seen is younger, and sees us. There one look is enough, and nobody waits.

A key that awaits deletion is no claim. The loser keeps its tags: KMS refuses to change tags of a key that awaits
deletion, and to remove them before would leave, after a crash in between, a key that nobody knows. Claims are read
from the key itself (`ListResourceTags`), because the tagging service may still show tags that are gone.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html (which calls a key that awaits deletion
refuses) and https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from reconciler.apply.already import PENDING, send_unless_already_so
from reconciler.apply.newborn import once_let
from reconciler.apply.recover import Creation, create
from reconciler.apply.site import Done, Site, key_tags
from reconciler.apply.wait import Pause, Pausing
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms import codes
from reconciler.kms.paging import entries
from reconciler.model.desired import MAX_WINDOW
from reconciler.model.identifiers import Days, KeyId
from reconciler.model.ownership import OPERATION_TAG, Ownership
from reconciler.plan.steps import CreateKey, ExistingKey, ScheduleDeletion

MARGIN = 0.25
"""Seconds by which clocks inside one KMS may differ."""
VISIBILITY_WINDOW = 120.0
"""Seconds after which a key that was created and does not show is gone on with."""

_LONGEST_CREATION = 10.0
_LONGEST_PAUSE = 5.0
_SETTLING = "the key is not settled yet"
_UNSETTLED = "interrupted before it was certain that no other apply made a key of this name; the next plan shows it"
_UNSEEN = "it was created and still does not show everywhere; what comes next may be refused until it does"
_TWINS_FIX = "look at both keys, and delete or retag the one that is not meant; then plan again"


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look showed."""

    complete: bool
    """Whether our own key was there."""
    named: Mapping[KeyId, Mapping[str, str]]
    """The keys of the name, ours left out, with their tags as the tagging service has them."""


@dataclass(frozen=True, slots=True, order=True)
class _Claim:
    """A key that claims the name; the least wins."""

    created: datetime
    key_id: KeyId
    mine: bool


def create_one(step: CreateKey, site: Site) -> Pausing[Done]:
    """Create the key and settle which key of its name to go on with.

    Raises:
        KmsctlError: nobody knows whether it was created, or the key to give up is in use.
        KmsError: it was not created, or the KMS refuses to say what keys there are.
    """
    creation = yield from create(step, site)
    look = yield from _until_shown(step, creation, site)
    if look is None:
        return Done(creation.key_id, (_UNSETTLED,))
    notes = () if look.complete else (_UNSEEN,)
    claims = list(_claims(step, creation, look, site))
    winner = min(claims, default=None)
    for claim in claims:
        if claim.mine and claim is not winner:
            yield from _give_up(claim.key_id, step, site)
    if winner is None or winner.mine:
        return Done(winner.key_id if winner else creation.key_id, notes)
    return Done(winner.key_id, (*notes, _yielded(creation.key_id, winner.key_id)))


def _until_shown(step: CreateKey, creation: Creation, site: Site) -> Pausing[_Look | None]:
    """The last look: the second in a row that shows our key, or an incomplete one. None after an interrupt."""
    began = site.clock.monotonic()
    before, waited = yield from once_let(partial(_looked, step, creation, site), site)
    began += waited
    if site.immediate:
        return before
    while True:
        elapsed = site.clock.monotonic() - began
        if elapsed > VISIBILITY_WINDOW:
            return before
        lag = elapsed if before.complete else min(elapsed, _LONGEST_PAUSE)
        if (yield Pause(MARGIN + 2 * min(creation.seconds, _LONGEST_CREATION) + lag, _SETTLING)):
            return None
        again = partial(_looked, step, creation, site, described=before.complete)
        now, waited = yield from once_let(again, site)
        began += waited
        if before.complete and now.complete:
            return now
        before = now


def _looked(
    step: CreateKey, creation: Creation, site: Site, *, described: bool = False
) -> Pausing[tuple[_Look, float]]:
    """A look that KMS may deny for a while: what lets us see the key may be its tags.

    With it the seconds that it waited for its turn, which tell nothing of a lag.
    """
    yield from ()
    slept = site.clock.slept()
    return _look(step, creation, site, described=described), site.clock.slept() - slept


def _look(step: CreateKey, creation: Creation, site: Site, *, described: bool) -> _Look:
    """What there is now. A key that KMS `described` at the look before is known to it."""
    named = site.roll_call.named(step.owner)
    complete = creation.key_id in named and (described or _metadata(site, creation.key_id) is not None)
    return _Look(complete, {key_id: tags for key_id, tags in named.items() if key_id != creation.key_id})


def _claims(step: CreateKey, creation: Creation, look: _Look, site: Site) -> Iterator[_Claim]:
    rivals = [key_id for key_id, tags in look.named.items() if Ownership.of(tags) == step.owner]
    if not rivals:
        return
    for key_id in (creation.key_id, *rivals):
        claim = _claim(key_id, step, creation, site)
        if claim is not None:
            yield claim


def _claim(key_id: KeyId, step: CreateKey, creation: Creation, site: Site) -> _Claim | None:
    metadata = _metadata(site, key_id)
    if metadata is None or metadata["KeyState"] in PENDING:
        return None
    tags = key_tags(site, key_id)
    if Ownership.of(tags) != step.owner:
        return None
    return _Claim(metadata["CreationDate"], key_id, tags.get(OPERATION_TAG) == creation.attempt)


def _give_up(key_id: KeyId, step: CreateKey, site: Site) -> Pausing[None]:
    """Schedule the deletion of a key of ours that nothing ever used."""
    listings = (("ListAliases", "Aliases"), ("ListGrants", "Grants"))
    if any(any(entries(site.kms, operation, {"KeyId": key_id}, items)) for operation, items in listings):
        raise KmsctlError(
            f"there are two keys of {step.key.address}, and {key_id}, made second, has an alias or a grant already",
            why="another apply ran at the same time, or somebody used the key at once",
            fix=_TWINS_FIX,
        )
    yield from send_unless_already_so(ScheduleDeletion(ExistingKey(key_id), Days(MAX_WINDOW)), site)


def _metadata(site: Site, key_id: KeyId) -> dict[str, Any] | None:
    """What DescribeKey says; None while, or once, there is no such key."""
    try:
        metadata: dict[str, Any] = site.kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]
    except KmsError as error:
        if error.code == codes.GONE:
            return None
        raise
    return metadata


def _yielded(own: KeyId, winner: KeyId) -> str:
    return (
        f"another apply made key {winner} first and it is used; {own}, made second and never used, will be deleted in "
        f"{MAX_WINDOW} days. Plan again to see whether both wanted the same"
    )
