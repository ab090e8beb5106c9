"""Where a stack has its keys: how IAM policies name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.kit.arn import Arn, alias_arn, key_arn
from reconciler.model.identifiers import AliasName, KeyId
from reconciler.model.observed import Account, ObservedKey, ObservedTarget
from reconciler.model.ownership import STACK_TAG, Ownership
from reconciler.plan.permissions.needs import Condition, Resource, literal


@dataclass(frozen=True, slots=True)
class Place:
    """The keys of one stack in one account and Region."""

    account: Account
    stack: str
    aliases: Mapping[AliasName, KeyId] = field(default_factory=dict)
    """The key that each alias points to."""
    keys: Mapping[KeyId, ObservedKey] = field(default_factory=dict)
    """Those that were read."""

    @classmethod
    def of(cls, seen: ObservedTarget, stack: str) -> Place:
        """The place that was `seen`."""
        aliases = {name: alias.key_id for name, alias in seen.aliases.items() if alias.key_id}
        return cls(seen.account, stack, aliases, seen.keys)

    @property
    def every(self) -> Resource:
        """All keys."""
        return Resource(key_arn(self.account.region, self.account.account_id, KeyId("*"), self.account.partition))

    @property
    def ours(self) -> Resource:
        """The keys that have the stack's tag; they get it in the instant in which they are made."""
        return self.tagged({STACK_TAG: self.stack})

    @property
    def tag(self) -> Condition:
        """Of a request that makes a key: it gives it the stack's tag."""
        return (("StringEquals", f"aws:RequestTag/{STACK_TAG}", (literal(self.stack),)),)

    def tagged(self, tags: Mapping[str, str]) -> Resource:
        """The keys that have all of `tags`; an empty value is one like others."""
        condition = (
            ("StringEquals", f"aws:ResourceTag/{literal(key)}", (literal(value),)) for key, value in tags.items()
        )
        return replace(self.every, condition=tuple(sorted(condition)))

    def behind(self, aliases: Iterable[AliasName]) -> Resource:
        """The keys that have one of `aliases`, whoever's they are.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
        """
        names = tuple(sorted(map(literal, aliases)))
        return replace(self.every, condition=(("ForAnyValue:StringEquals", "kms:ResourceAliases", names),))

    def alias(self, name: AliasName) -> Resource:
        """An alias."""
        return Resource(alias_arn(self.account.region, self.account.account_id, name, self.account.partition))

    def key(self, reference: str) -> Resource:
        """The key with this id or ARN."""
        if reference.startswith("arn:"):
            return Resource(reference, ours=self.ours if self.owns(reference.rpartition("/")[2]) else None)
        arn = key_arn(self.account.region, self.account.account_id, KeyId(reference), self.account.partition)
        return Resource(arn, ours=self.ours if self.owns(reference) else None)

    def owns(self, key_id: str) -> bool:
        """Whether the key was seen, and is the stack's."""
        key = self.keys.get(KeyId(key_id))
        owner = Ownership.of(key.tags) if key else None
        return owner is not None and owner.stack == self.stack

    def named(self, reference: str) -> Resource | None:
        """What an id, ARN or alias in a manifest means; None for an alias that points nowhere."""
        arn = Arn.parse(reference)
        if arn is not None and not self.has(arn):
            return Resource(str(replace(arn, resource="key/*" if arn.resource.startswith("alias/") else arn.resource)))
        name = arn.resource if arn else reference
        if name.startswith("alias/"):
            key_id = self.aliases.get(AliasName(name))
            return self.key(key_id) if key_id else None
        return self.key(name.removeprefix("key/"))

    def has(self, arn: Arn) -> bool:
        """Whether `arn` is of this account and Region."""
        return (arn.account, arn.region) == (self.account.account_id, self.account.region)
