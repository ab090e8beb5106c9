"""Who gains and who loses what, when a key policy or the grants of a key change.

The answer is empty exactly when the two policies have one meaning and the grants allow the same: whether they do is for
`policy.meaning` to say, and what differs is said with the statements and grants that say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

from reconciler.plan.access.reach import (
    Claim,
    Origin,
    Reach,
    Table,
    Way,
    actions_of,
    grants_table,
    policy_table,
)
from reconciler.policy.access import KeyFacts
from reconciler.policy.conditions import Condition
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import GrantFacts, Unparsable
from reconciler.policy.meaning import Difference, Effectiveness, Undecided, Witness, witness

_CACHED = 1024
_NOBODY: Table = {}
Policy = PolicyDocument | Unparsable
UNKNOWN = "?"
"""The principal of a change of which nobody knows whom it is about."""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """What one principal gains or loses."""

    gained: bool
    principal: str
    """An ARN, `*`, `* except …`, a service's name, an identity provider, or `?` when nobody knows."""
    actions: tuple[str, ...]
    """Real actions on keys, sorted, with their prefix; empty when nobody knows."""
    way: Way
    conditions: tuple[Condition, ...] = ()
    """Under which; all must hold. Of a grant, its constraints."""
    origins: tuple[Origin, ...] = ()
    """The statements or grants that say so: of the new policy what is gained, of the old one what is lost. What an
    explicit denial takes is lost by the new policy."""
    detail: str = ""
    """Why nobody knows; or the key that cannot be used any more."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """Which key the policies are of, as far as that matters to them."""

    account: str
    partition: str
    arn: str

    def table(self, policy: Policy | None) -> Table:
        if not isinstance(policy, PolicyDocument):
            return _NOBODY
        return policy_table(policy, account=self.account, partition=self.partition, arn=self.arn)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of what a claim comes to."""

    claim: Claim
    mask: int
    reach: Reach


def access_changes(before: KeyFacts | None, after: KeyFacts | None) -> tuple[AccessChange, ...]:
    """Who gains and loses what when a key that is `before` becomes `after`; None where there is no key.

    Gains first, then by principal. Whether the key is enabled is not looked at.
    """
    key = after or before
    if key is None:
        return ()
    old, new = before.policy if before else None, after.policy if after else None
    scene = _Scene(key.account, key.partition, arn_that_matters(old, new, key.arn))
    of_grants = grant_changes(before.grants if before else (), after.grants if after else ())
    return ordered((*_of_policies(old, new, scene), *of_grants))


def policy_changes(
    before: Policy | None, after: Policy | None, *, account: str, partition: str, arn: str
) -> tuple[AccessChange, ...]:
    """As `access_changes`, for a key of which these policies and its ARN are known."""
    return ordered(_of_policies(before, after, _Scene(account, partition, arn_that_matters(before, after, arn))))


def told_apart(
    policies: tuple[PolicyDocument, PolicyDocument], different: Difference, *, account: str, partition: str, arn: str
) -> tuple[AccessChange, ...]:
    """As `policy_changes`, of the policies before and after, of which it is known in what they are `different`."""
    return ordered(_of_different(*policies, _Scene(account, partition, arn_that_matters(*policies, arn)), different))


def grant_changes(before: Iterable[GrantFacts], after: Iterable[GrantFacts]) -> tuple[AccessChange, ...]:
    """Who gains and loses what when the grants `before` become those `after`."""
    return ordered(_differences(grants_table(before), grants_table(after)))


def _of_policies(before: Policy | None, after: Policy | None, scene: _Scene) -> tuple[AccessChange, ...]:
    if before == after:
        return ()
    if isinstance(before, PolicyDocument) and isinstance(after, PolicyDocument):
        return _of_documents(before, after, scene)
    found = _differences(scene.table(before), scene.table(after), ends=after is None)
    return (*found, *_unreadable(before, gained=False), *_unreadable(after, gained=True))


@lru_cache(maxsize=_CACHED)
def _of_documents(before: PolicyDocument, after: PolicyDocument, scene: _Scene) -> tuple[AccessChange, ...]:
    arn = scene.arn or None
    different = witness(before, after, account=scene.account, partition=scene.partition, key_arn=arn)
    return () if different is None else _of_different(before, after, scene, different)


def _of_different(
    before: PolicyDocument, after: PolicyDocument, scene: _Scene, different: Difference
) -> tuple[AccessChange, ...]:
    return _differences(scene.table(before), scene.table(after)) or (_told_by(different),)


def _differences(before: Table, after: Table, *, ends: bool = False) -> tuple[AccessChange, ...]:
    """What one table has and the other has not; that nobody is denied any more is no gain when the key `ends`."""
    if before == after:
        return ()
    gained, lost = list(_new(after, before)), list(_gone(before, after))
    left = [] if ends else lost
    gains = [*(one for one in gained if not one.claim.denied), *(one for one in left if one.claim.denied)]
    losses = [*(one for one in lost if not one.claim.denied), *(one for one in gained if one.claim.denied)]
    return (*_changes(gains, gained=True), *_changes(losses, gained=False))


def _changes(found: list[_Part], *, gained: bool) -> Iterator[AccessChange]:
    """`found` as changes. That a denial without conditions takes, or leaves, what an Allow gives is said once."""
    plainly: dict[str, int] = {}
    for part in found:
        if not part.claim.denied:
            plainly[part.claim.principal] = plainly.get(part.claim.principal, 0) | part.mask
    for part in found:
        claim = part.claim
        told = plainly.get(claim.principal, 0) if claim.denied and not claim.conditions else 0
        actions = actions_of(part.mask & ~told)
        if actions:
            origins = part.reach.origins_of(part.mask)
            yield AccessChange(gained, claim.principal, actions, claim.way, claim.written, origins)


def _new(after: Table, before: Table) -> Iterator[_Part]:
    """What is in `after` and was not; what holds under fewer conditions as well is nothing more."""
    own = _by_subject(after) if any(claim.conditions for claim in after) else {}
    for claim, reach in after.items():
        was = before.get(claim)
        mask = reach.mask & ~was.mask if was else reach.mask
        if mask and claim.conditions:
            conditions = frozenset(claim.conditions)
            for fewer, covered in own[claim.subject]:
                if fewer < conditions:
                    mask &= ~covered
        if mask:
            yield _Part(claim, mask, reach)


def _gone(before: Table, after: Table) -> Iterator[_Part]:
    """What was in `before` and is not, under the same conditions or fewer."""
    others = _by_subject(after)
    for claim, reach in before.items():
        conditions, mask = frozenset(claim.conditions), reach.mask
        for fewer, covered in others.get(claim.subject, ()):
            if fewer <= conditions:
                mask &= ~covered
        if mask:
            yield _Part(claim, mask, reach)


def _by_subject(table: Table) -> dict[tuple[str, bool], list[tuple[frozenset[Condition], int]]]:
    found: dict[tuple[str, bool], list[tuple[frozenset[Condition], int]]] = {}
    for claim, reach in table.items():
        found.setdefault(claim.subject, []).append((frozenset(claim.conditions), reach.mask))
    return found


def _told_by(different: Difference) -> AccessChange:
    """What differs where the tables look alike: the request that the policies answer differently."""
    match different:
        case Witness():
            conditions = tuple(
                Condition("StringEquals", key, values) for key, values in sorted(different.given.items())
            )
            gained = _rank(different.after) > _rank(different.before)
            return AccessChange(gained, different.principal, (different.action,), Way.KEY_POLICY, conditions)
        case Undecided(why):
            return AccessChange(gained=True, principal=UNKNOWN, actions=(), way=Way.UNKNOWN, detail=why)
        case _:
            assert_never(different)


def _rank(effectiveness: Effectiveness) -> int:
    return -1 if effectiveness is Effectiveness.DENIED else effectiveness


def _unreadable(policy: Policy | None, *, gained: bool) -> Iterator[AccessChange]:
    if isinstance(policy, Unparsable):
        yield AccessChange(gained, UNKNOWN, (), Way.UNKNOWN, detail=policy.why)


def arn_that_matters(before: Policy | None, after: Policy | None, arn: str) -> str:
    """The key's ARN, if a statement speaks of other resources than `*`; else nothing, so that keys share answers."""
    for policy in (before, after):
        if isinstance(policy, PolicyDocument) and any(one.resources != ("*",) for one in policy.statements):
            return arn
    return ""


def ordered(changes: Iterable[AccessChange]) -> tuple[AccessChange, ...]:
    """`changes`, the gains first, then by what gives or takes it, and by principal."""
    return tuple(
        sorted(changes, key=lambda c: (not c.gained, c.way.name, c.origins, c.principal, c.conditions, c.actions))
    )
