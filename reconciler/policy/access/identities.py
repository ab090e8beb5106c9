"""What IAM says of people, as far as it is known: whole accounts, or nothing of an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reconciler.policy.access.ask import Ask
from reconciler.policy.evaluate import Facts, IdentityPolicies, Requester, RequesterKind

_NONE: Mapping[str, str] = MappingProxyType({})
_NOBODY = IdentityPolicies()


@dataclass(frozen=True, slots=True)
class Person:
    """A user or role."""

    arn: str
    """With its path."""
    policies: IdentityPolicies = _NOBODY
    """Inline and attached ones, those of a user's groups too, and the permission boundary."""
    tags: Mapping[str, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Identities:
    """The users and roles of some accounts: whoever of these accounts is not here has no policies."""

    accounts: frozenset[str] = frozenset()
    people: Mapping[str, Person] = field(default_factory=lambda: MappingProxyType({}))
    """By `name_of` their ARN."""
    organizations: Mapping[str, str] = field(default_factory=lambda: _NONE)
    """The ids of organisations by account, where they are known."""

    @classmethod
    def of_people(
        cls, accounts: Iterable[str], people: Iterable[Person], organizations: Mapping[str, str] = _NONE
    ) -> Identities:
        """`people`, who are all there are in `accounts`."""
        named = {name_of(Requester.of(person.arn)): person for person in people}
        return cls(frozenset(accounts), MappingProxyType(named), organizations)

    def __or__(self, other: Identities) -> Identities:
        """What either knows; of an account that both know, what `other` does."""
        mine = {name: one for name, one in self.people.items() if Requester.of(one.arn).account not in other.accounts}
        return Identities(
            self.accounts | other.accounts,
            MappingProxyType({**mine, **other.people}),
            {**self.organizations, **other.organizations},
        )

    def policies_of(self, principal: str) -> IdentityPolicies | None:
        """What IAM says of the principal with this ARN, or the role of this session; None when that is not known."""
        requester = Requester.of(principal)
        if requester.account not in self.accounts or requester.kind is RequesterKind.ROOT:
            return None
        person = self.person(requester)
        return person.policies if person else _NOBODY

    def person(self, requester: Requester) -> Person | None:
        """The user, the role, or the role of the session, that `requester` is."""
        return self.people.get(name_of(requester))

    def facts_about(self, requester: Requester) -> Facts:
        """The condition keys that come from tags and organisations."""
        person = self.person(requester)
        found: dict[str, tuple[str, ...]] = {}
        if person is not None:
            found["aws:principalarn"] = (person.arn,)
            found |= {f"aws:principaltag/{name.lower()}": (value,) for name, value in person.tags.items()}
        organization = self.organizations.get(requester.account or "")
        if organization is not None:
            found["aws:principalorgid"] = (organization,)
        return found

    def informed(self, ask: Ask) -> Ask:
        """`ask` with what is known of its principal; what it says itself wins."""
        return replace(ask, facts={**self.facts_about(Requester.of(ask.principal)), **ask.facts})

    def __iter__(self) -> Iterator[Person]:
        """Everybody, by ARN."""
        return iter(sorted(self.people.values(), key=lambda person: person.arn))


def name_of(requester: Requester) -> str:
    """What tells principals apart: a role's ARN without its path, for its sessions do not tell it; others' ARN."""
    return requester.role or requester.arn
