"""What a key policy and grants allow, said as a table: principals and conditions, and their actions.

The actions of an entry are the bits of a number, in the order of `KEY_ACTIONS`, so that tables are compared fast.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from reconciler.policy.actions import KEY_ACTIONS, PREFIX, matching
from reconciler.policy.conditions import Condition
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import GrantFacts, Requester, works_across_accounts
from reconciler.policy.evaluate.grants import CARRY_CONTEXT
from reconciler.policy.evaluate.requester import canonical
from reconciler.policy.normalise import normal_condition, normal_principal
from reconciler.policy.patterns import matches
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind, account_of, is_unique_id
from reconciler.policy.statement import Effect, Statement

_CACHED = 4096
EXCEPT = "* except "
"""What stands before the principals that an Allow or a Deny with `NotPrincipal` leaves out."""

_BITS = {action: 1 << place for place, action in enumerate(KEY_ACTIONS)}
_EVERYTHING = (1 << len(KEY_ACTIONS)) - 1
_PAIR, _PAIRS = "kms:EncryptionContext:", "kms:EncryptionContextKeys"
_RETIRE = "RetireGrant"
_EVERYBODY = Principal(PrincipalKind.AWS, ANYONE)
_ABROAD = sum(bit for action, bit in _BITS.items() if works_across_accounts(action))


class Way(enum.Enum):
    """How access comes; the value is for people."""

    KEY_POLICY = "by the key policy"
    DELEGATION = "as far as IAM policies of the account allow it"
    BOTH_ACCOUNTS = "as far as IAM policies of its own account allow it too"
    GRANT = "by a grant"
    DENIAL = "explicitly denied"
    UNKNOWN = "nobody knows"
    """A policy cannot be read, or not be compared."""
    DISABLED = "the key is disabled"
    DELETION = "the key awaits its deletion"


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """The statement or the grant that says so."""

    index: int = -1
    """Of the statement in its policy, from 0; -1 for a grant."""
    name: str = ""
    """The statement's Sid, empty when it has none; the grant's id."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who, and under which conditions."""

    principal: str
    """An ARN, `*`, `* except …`, a service's name, or an identity provider."""
    conditions: tuple[Condition, ...] = ()
    """All must hold; in normal form. Of a grant, its constraints, each as a condition."""
    way: Way = field(default=Way.KEY_POLICY, compare=False)
    denied: bool = False
    written: tuple[Condition, ...] = field(default=(), compare=False)
    """The conditions as their author spells them."""

    @property
    def subject(self) -> tuple[str, bool]:
        """What claims must have in common for one to make another superfluous."""
        return self.principal, self.denied


@dataclass(slots=True)
class Reach:
    """The actions of one claim."""

    mask: int = 0
    origins: list[tuple[Origin, int]] = field(default_factory=list)
    """With the actions that each adds."""

    def add(self, mask: int, origin: Origin) -> None:
        """Add what one statement or grant says."""
        self.mask |= mask
        self.origins.append((origin, mask))

    def origins_of(self, mask: int) -> tuple[Origin, ...]:
        """Whoever says something of `mask`."""
        return tuple(sorted({origin for origin, said in self.origins if said & mask}))


Table = Mapping[Claim, Reach]


@lru_cache(maxsize=_CACHED)
def actions_of(mask: int) -> tuple[str, ...]:
    """The actions of a mask, sorted, with their prefix."""
    return tuple(action for action, bit in _BITS.items() if mask & bit)


def mask_of(actions: Iterable[str]) -> int:
    """The mask of actions on keys; of other names, nothing."""
    return sum({_BITS.get(action, 0) for action in actions})


def policy_table(policy: PolicyDocument, *, account: str, partition: str, arn: str) -> Table:
    """What `policy`, of the key `arn` of `account`, allows and denies.

    What a Deny without conditions takes from a principal that an Allow names is left out of what is allowed.
    """
    table: dict[Claim, Reach] = {}
    about = [each for each in enumerate(policy.statements) if _is_about(each[1], arn)]
    denials = [one for _, one in about if one.effect is Effect.DENY and not one.conditions and one.principals]
    for index, statement in about:
        origin = Origin(index, statement.sid or "")
        for row in _rows(statement, account, partition):
            mask = row.mask
            if denials and not row.claim.denied:
                mask &= ~_taken(row.principal, denials)
            if mask:
                table.setdefault(row.claim, Reach()).add(mask, origin)
    return table


@dataclass(frozen=True, slots=True)
class _Row:
    """What one statement says of one principal."""

    principal: Principal
    claim: Claim
    mask: int


@lru_cache(maxsize=_CACHED)
def _rows(statement: Statement, account: str, partition: str) -> tuple[_Row, ...]:
    denied = statement.effect is Effect.DENY
    asked, conditions = _mask(statement.actions, statement.not_actions), _conditions(statement)
    rows = []
    for principal in _subjects(statement, partition):
        way = Way.DENIAL if denied else _way(principal, account, partition)
        mask = asked & _ABROAD if way is Way.BOTH_ACCOUNTS else asked
        rows.append(_Row(principal, Claim(principal.name, conditions, way, denied, statement.conditions), mask))
    return tuple(rows)


def grants_table(grants: Iterable[GrantFacts]) -> Table:
    """What `grants` allow."""
    table: dict[Claim, Reach] = {}
    for grant in grants:
        for operations, conditions in _constrained(grant):
            mask = mask_of(f"{PREFIX}{operation}" for operation in operations)
            if mask:
                normal = tuple(sorted(map(normal_condition, conditions)))
                claim = Claim(grant.grantee, normal, Way.GRANT, written=tuple(conditions))
                table.setdefault(claim, Reach()).add(mask, Origin(name=grant.grant_id))
    return table


def _constrained(grant: GrantFacts) -> Iterator[tuple[frozenset[str], list[Condition]]]:
    """The operations of a grant and their constraints, as conditions; few kinds of requests have a context.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    source = [Condition("StringEquals", "aws:SourceArn", (grant.source_arn,))] if grant.source_arn is not None else []
    pairs = grant.context_equals or grant.context_subset or {}
    context = [Condition("StringEquals", f"{_PAIR}{name}", (value,)) for name, value in pairs.items()]
    if grant.context_equals is not None:
        names = tuple(sorted(name.lower() for name in grant.context_equals))
        context.append(Condition("ForAllValues:StringEquals", _PAIRS, names))
    yield grant.operations & CARRY_CONTEXT, [*source, *context]
    yield grant.operations - CARRY_CONTEXT - {_RETIRE}, source
    yield grant.operations & {_RETIRE}, []


def _subjects(statement: Statement, partition: str) -> Iterator[Principal]:
    """The principals that a statement is about; who was deleted is nobody."""
    if statement.not_principals:
        spared = sorted(normal_principal(each, partition).name for each in statement.not_principals)
        if ANYONE not in spared:
            yield Principal(PrincipalKind.AWS, EXCEPT + ", ".join(spared))
    for principal in statement.principals:
        if not is_unique_id(principal.name):
            yield normal_principal(principal, partition)


def _way(principal: Principal, account: str, partition: str) -> Way:
    home = account_of(principal)
    if home is None:
        return Way.KEY_POLICY
    if home != account:
        return Way.BOTH_ACCOUNTS
    return Way.DELEGATION if principal.name == f"arn:{partition}:iam::{account}:root" else Way.KEY_POLICY


def _taken(principal: Principal, denials: list[Statement]) -> int:
    """What Deny statements without conditions take from all that `principal` stands for.

    What one with `NotPrincipal` takes is said as a claim of its own.
    """
    taken = 0
    for statement in denials:
        if _hits(frozenset(map(canonical, statement.principals)), principal):
            taken |= _mask(statement.actions, statement.not_actions)
    return taken


def _hits(names: frozenset[Principal], principal: Principal) -> bool:
    if principal.name.startswith(ANYONE) or principal.kind is PrincipalKind.FEDERATED:
        return not names.isdisjoint({_EVERYBODY, principal})
    return bool(Requester.of(principal.name).naming(names))


def _is_about(statement: Statement, arn: str) -> bool:
    """Whether a statement is about the key; a policy variable may stand for anything."""
    if statement.not_resources:
        return not any(matches(pattern, arn) for pattern in statement.not_resources)
    return any(pattern == "*" or "${" in pattern or matches(pattern, arn) for pattern in statement.resources)


@lru_cache(maxsize=_CACHED)
def _mask(actions: tuple[str, ...], not_actions: tuple[str, ...]) -> int:
    if not_actions:
        return _EVERYTHING & ~_mask(not_actions, ())
    found = 0
    for pattern in actions:
        found |= _mask_of_pattern(pattern.lower())
    return found


@lru_cache(maxsize=_CACHED)
def _mask_of_pattern(pattern: str) -> int:
    return mask_of(matching(pattern)) if pattern.startswith((PREFIX, "*", "?")) else 0


def _conditions(statement: Statement) -> tuple[Condition, ...]:
    return tuple(sorted({normal_condition(condition) for condition in statement.conditions}))
