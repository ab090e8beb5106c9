"""Which keys are written, and why others are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.kit.arn import Arn
from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.observed import ObservedKey, ObservedTarget
from reconciler.model.ownership import Ownership
from reconciler.report.yaml.export import LeftOut

_ROOM: Final = 50, 4
"""Tags that a key can have, and those that make it a stack's.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html
"""
_AWS: Final = "alias/aws/"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key that a manifest could be written for."""

    target: TargetName
    key: ObservedKey
    aliases: tuple[AliasName, ...]

    @property
    def title(self) -> str:
        """What people call it."""
        names = f" ({', '.join(self.aliases[:3])}{', …' if len(self.aliases) > 3 else ''})" if self.aliases else ""
        return f"key {self.key.key_id}{names}"


def candidates(name: TargetName, target: ObservedTarget, asked: Sequence[str]) -> list[Candidate]:
    """Every key of the target that is nobody's; or those that are `asked` for by id, ARN or alias.

    Raises:
        KmsctlError: one that is asked for is not there.
    """
    aliases = _aliases(target)
    keys = [_find(target, reference) for reference in asked] if asked else target.keys.values()
    unique = {key.key_id: key for key in keys if asked or not (key.aws_managed or Ownership.of(key.tags))}
    return [Candidate(name, key, aliases.get(key_id, ())) for key_id, key in sorted(unique.items())]


def obstacle(key: ObservedKey, stack: str) -> str | None:
    """Why a manifest of the key would do harm, or nothing."""
    owner = Ownership.of(key.tags)
    if key.aws_managed:
        return "it is managed by AWS, and nobody else can change it"
    if owner is not None:
        whose = "this stack" if owner.stack == stack else f"the stack {owner.stack}"
        return f"it is {owner.name} of {whose} already"
    if key.pending_deletion:
        when = f" for {key.deletion_date:%Y-%m-%d}" if key.deletion_date else ""
        return f"its deletion is scheduled{when}, and a plan with it would cancel that"
    most, needed = _ROOM
    if len(key.tags) > most - needed:
        return (
            f"it has {len(key.tags)} of {most} tags, and kmsctl needs room for {needed} of its own: remove some first"
        )
    return None


def unread(target: ObservedTarget) -> list[LeftOut]:
    """Keys that nobody could look at."""
    return [LeftOut(f"key {key}", f"it cannot be read: {why}") for key, why in sorted(target.unread.items())]


def _aliases(target: ObservedTarget) -> Mapping[KeyId, tuple[AliasName, ...]]:
    found: defaultdict[KeyId, list[AliasName]] = defaultdict(list)
    for alias in target.aliases.values():
        if alias.key_id is not None:
            found[alias.key_id].append(alias.name)
    return {key_id: tuple(sorted(names)) for key_id, names in found.items()}


def _find(target: ObservedTarget, reference: str) -> ObservedKey:
    arn = Arn.parse(reference)
    name = arn.resource if arn else reference
    alias = target.aliases.get(AliasName(name))
    key_id = alias.key_id if alias else KeyId(name.removeprefix("key/"))
    key = target.keys.get(key_id) if key_id else None
    if key is None or (arn is not None and (arn.account, arn.region) != _where(target)):
        account, region = _where(target)
        why = (
            "it is managed by AWS"
            if _AWS in reference
            else target.unread.get(reference, target.unread.get(str(key_id)))
        )
        raise KmsctlError(
            f"there is no key {printable(reference)} to read in account {account} in {region}",
            why=printable(why) if why else "",
            fix="name it by id, ARN or alias (alias/…); `kmsctl show --all` lists the keys that are there",
        )
    return key


def _where(target: ObservedTarget) -> tuple[str, str]:
    return target.account.account_id, target.account.region
