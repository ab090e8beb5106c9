"""AccessTests held against what manifests alone declare, as far as that decides. Pure.

A manifest decides who may use its key where it declares the key's policy; whatever else is on the key, a plan sees.
Where nobody knows the account, an example stands for it: then what names an account by its number is left to a plan,
for it may be that one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.kit.absent import ABSENT
from reconciler.kit.arn import key_arn
from reconciler.model.accesstest import AccessTest, Expectation
from reconciler.model.address import Address
from reconciler.model.desired import DesiredGrant, DesiredKey, DesiredState, ManagedKey
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.plan.access.deciders import Places
from reconciler.plan.access.failure import Failure
from reconciler.plan.access.keyfacts import facts_of_terms, parsed
from reconciler.plan.access.tests import Scene, judged
from reconciler.policy.access import Identities, KeyFacts
from reconciler.policy.principals import NOBODYS_ACCOUNT

_ACCOUNT: Final = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_NO_POLICY: Final = "the manifest of the key does not decide about its policy"
_NO_ACCOUNT: Final = (
    "it names an account by its number, and no Target says by `accountId` whether that is the key's own"
)
_NOT_YET: Final = "00000000-0000-0000-0000-000000000000"
"""The key id of what is declared and may not be there."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is so, and what only a plan can tell."""

    failures: tuple[Failure, ...]
    left: tuple[tuple[AccessTest, str], ...]
    """Tests of which not all was judged, and why."""


def judge(
    desired: DesiredState,
    accounts: Mapping[TargetName, Account],
    known: Collection[TargetName],
    identities: Identities | None = None,
) -> Verdict:
    """What the tests of `desired` expect of the keys as declared and is not so.

    Args:
        desired: what manifests declare.
        accounts: where each target is, or an example.
        known: the targets whose account is no example.
        identities: what is known of IAM; None for nothing.
    """
    keys = {key.address: key for key in desired.keys if _decides(key)}
    facts = {address: _facts(key, desired, accounts[address.target]) for address, key in keys.items()}
    asked = [_asked(test, keys.get(test.key), facts, accounts, known) for test in desired.tests]
    grants = {str(grant.address): grant for grant in desired.grants}
    found = judged((one for one in asked if one), Scene(facts, Places(keys, grants), identities or Identities()))
    left = (test for test, one in zip(desired.tests, asked, strict=True) if test != one)
    return Verdict(found, tuple((test, _NO_ACCOUNT if test.key in keys else _NO_POLICY) for test in left))


def _decides(key: DesiredKey) -> bool:
    return isinstance(key.policy, str) and "policy" not in key.ignore.fields


def _asked(
    test: AccessTest,
    key: DesiredKey | None,
    facts: Mapping[Address, KeyFacts],
    accounts: Mapping[TargetName, Account],
    known: Collection[TargetName],
) -> AccessTest | None:
    """The part of `test` that can be judged; None when nothing can."""
    if key is None:
        return None
    target = key.address.target
    if target in known:
        return test
    harmless = {accounts[target].account_id, NOBODYS_ACCOUNT}
    grants = (grant.grantee for grant in facts[test.key].grants)
    if _names_others((str(key.policy), *grants), harmless):
        return None
    allow, deny = (tuple(_part(line, harmless) for line in lines) for lines in (test.must_allow, test.must_deny))
    return replace(test, must_allow=allow, must_deny=deny)


def _part(line: Expectation, harmless: Collection[str]) -> Expectation:
    principals = tuple(name for name in line.principals if not _names_others((name,), harmless))
    return replace(line, principals=() if _names_others(line.facts.values(), harmless) else principals)


def _names_others(texts: Iterable[str], harmless: Collection[str]) -> bool:
    return any(number not in harmless for text in texts for number in _ACCOUNT.findall(text))


def _facts(key: DesiredKey, desired: DesiredState, account: Account) -> KeyFacts:
    return KeyFacts(
        arn=key_arn(account.region, account.account_id, _NOT_YET, account.partition),
        account=account.account_id,
        partition=account.partition,
        region=account.region,
        policy=parsed(str(key.policy)),
        grants=tuple(
            facts_of_terms(str(grant.address), grant.terms) for grant in desired.grants if _is_on(grant, key.address)
        ),
        spec=str(key.key_spec),
        usage=str(key.key_usage),
        origin=str(key.origin),
        multi_region=key.multi_region,
        replica=key.primary is not None,
        aliases=tuple(alias.name for alias in desired.aliases if alias.key == ManagedKey(key.address)),
        tags={} if key.tags is ABSENT else key.tags,
    )


def _is_on(grant: DesiredGrant, key: Address) -> bool:
    return grant.key == ManagedKey(key)
