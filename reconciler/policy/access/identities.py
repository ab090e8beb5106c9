"""What IAM and organisations say of people, as far as it is known: whole accounts, or nothing of an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reconciler.policy.access.ask import Ask
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.evaluate import Facts, IdentityPolicies, NamedPolicy, Requester, RequesterKind, is_service_linked

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
class Guardrails:
    """What an organisation sets on one of its accounts."""

    organization: str | None = None
    """Its id."""
    service_control: tuple[tuple[NamedPolicy, ...], ...] = ()
    """By level, from the root of the organisation down."""
    resource_control: tuple[NamedPolicy, ...] = ()


_FREE = Guardrails()


@dataclass(frozen=True, slots=True)
class Identities:
    """The users and roles of some accounts: whoever of these accounts is not here has no policies."""

    accounts: frozenset[str] = frozenset()
    people: Mapping[str, Person] = field(default_factory=lambda: MappingProxyType({}))
    """By `name_of` their ARN."""
    guardrails: Mapping[str, Guardrails] = field(default_factory=lambda: MappingProxyType({}))
    """By account, where they are known."""

    @classmethod
    def of_people(
        cls, accounts: Iterable[str], people: Iterable[Person], guardrails: Mapping[str, Guardrails] | None = None
    ) -> Identities:
        """`people`, who are all there are in `accounts`."""
        named = {name_of(Requester.of(person.arn)): person for person in people}
        return cls(frozenset(accounts), MappingProxyType(named), guardrails or {})

    def __or__(self, other: Identities) -> Identities:
        """What either knows; of an account that both know, what `other` does."""
        mine = {name: one for name, one in self.people.items() if Requester.of(one.arn).account not in other.accounts}
        return Identities(
            self.accounts | other.accounts,
            MappingProxyType({**mine, **other.people}),
            {**self.guardrails, **other.guardrails},
        )

    def policies_of(self, principal: str) -> IdentityPolicies | None:
        """What IAM says of the principal with this ARN, or the role of this session; None when that is not known."""
        requester = Requester.of(principal)
        if requester.account is None or requester.account not in self.accounts:
            return None
        limits = self.guardrails.get(requester.account, _FREE).service_control
        if requester.kind is RequesterKind.ROOT:
            return IdentityPolicies(unrestricted=True, service_control=limits)
        person = self.person(requester)
        if is_service_linked(person.arn if person else principal):
            return replace(person.policies if person else _NOBODY, service_linked=True)
        policies = person.policies if person else _NOBODY
        return replace(policies, service_control=limits) if limits else policies

    def guarded(self, key: KeyFacts) -> KeyFacts:
        """`key` with what is known of its account's organisation."""
        found = self.guardrails.get(key.account)
        return replace(key, control=found.resource_control, organization=found.organization) if found else key

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
        rails = self.guardrails.get(requester.account or "", _FREE)
        if rails.organization is not None:
            found["aws:principalorgid"] = (rails.organization,)
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
