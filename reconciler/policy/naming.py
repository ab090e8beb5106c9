"""Principals as manifests name them, to the ARNs that a policy needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reconciler.kit.arn import dns_suffix, root_arn
from reconciler.kit.printable import printable
from reconciler.policy.faults import FaultList, Location
from reconciler.policy.principals import ANYONE, is_account_id, is_principal_arn, is_service, is_unique_id

_SHORTHANDS: Final = ("role/", "user/")


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key is."""

    account: str
    partition: str
    region: str

    def fill(self, template: str) -> str:
        """`template`, of our own data, with `${aws:accountId}` and the like replaced."""
        return _filled(template, self)


@lru_cache(maxsize=1024)
def _filled(template: str, place: KeyPlace) -> str:
    values = {
        "${aws:accountId}": place.account,
        "${aws:partition}": place.partition,
        "${aws:region}": place.region,
        "${aws:urlSuffix}": dns_suffix(place.partition),
    }
    for name, value in values.items():
        template = template.replace(name, value)
    return template


@dataclass(frozen=True, slots=True)
class Namer:
    """Turns names into ARNs; what is wrong with them goes to the faults."""

    place: KeyPlace
    faults: FaultList

    def arns(self, names: Iterable[str], location: Location) -> list[str]:
        """The ARNs of the list at `location`, sorted, each once."""
        return sorted({self._arn(name, (*location, index)) for index, name in enumerate(names)})

    def account_arns(self, names: Iterable[str], location: Location) -> list[str]:
        """The root ARNs of the accounts in the list at `location`, which are ids or root ARNs, sorted, each once."""
        found = set()
        for index, name in enumerate(names):
            if is_account_id(name) or (is_principal_arn(name) and name.endswith(":root")):
                found.add(self._arn(name, (*location, index)))
            else:
                what, fix = f"{printable(name)} is no account", "use a 12-digit account id; name roles under users"
                self.faults.add((*location, index), what, fix)
        return sorted(found)

    def _arn(self, name: str, location: Location) -> str:
        partition, arn = self.place.partition, name
        if is_account_id(name):
            arn = root_arn(name, partition)
        elif name.startswith(_SHORTHANDS):
            arn = f"arn:{partition}:iam::{self.place.account}:{name}"
        if not is_principal_arn(arn):
            self.faults.add(location, f"{printable(name)} is no principal that a role can have", _fix_for(name))
        elif not arn.startswith(f"arn:{partition}:"):
            what = f"{printable(name)} is not in the partition {partition}"
            self.faults.add(location, what, f"use principals of {partition}: partitions do not share keys")
        return arn


def _fix_for(name: str) -> str:
    if is_service(name):
        return (
            "name services under services, or give them a statement of their own with a condition on aws:SourceAccount"
        )
    if name == ANYONE:
        return "name who it is; everybody is never a role"
    if is_unique_id(name):
        return "name the role or user by ARN: this is the id of one, shown when it was deleted"
    if ":group/" in name or name.startswith("group/"):
        return "IAM groups cannot be principals; name the roles or users"
    return "use an ARN, a 12-digit account id, role/name or user/name"
