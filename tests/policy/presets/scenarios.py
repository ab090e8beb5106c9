"""What AWS documents of each service's calls, from `cases/`, one file a service; and the same calls from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from reconciler.policy.access import Ask, KeyFacts, Standing, can
from reconciler.policy.evaluate import GrantFacts, IdentityPolicies
from reconciler.policy.naming import KeyPlace
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.principals import is_service
from reconciler.policy.roles import Roles, compile_roles

CASES = Path(__file__).parent / "cases"
US, THEM, REGION = "111122223333", "444455556666", "us-east-1"
PLACE = KeyPlace(US, "aws", REGION)
SYMMETRIC = KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
ANY_POLICY = IdentityPolicies(unrestricted=True)
"""Whoever asks may do everything as far as IAM policies go: the key policy alone decides."""


@dataclass(frozen=True)
class Call:
    """One request, as a case or a variation of one says it."""

    does: str
    action: str
    caller: str = "role/app"
    via: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    source_account: str = US
    unless: tuple[str, ...] = ()
    """Variations that this service lets pass, as its page says."""
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def of_service(self) -> bool:
        return is_service(self.caller)

    def ask(self) -> Ask:
        facts = dict(self.facts)
        if self.of_service:
            facts |= {"aws:sourceaccount": (self.source_account,)}
            facts |= {"aws:sourcearn": (self.source,)} if self.source else {}
        return Ask(_arn(self.caller), f"kms:{self.action}", self.context, self.via, facts)


@dataclass(frozen=True)
class Scenario:
    """One entry of `services`, what must pass and what must not."""

    service: str
    name: str
    options: Mapping[str, Any]
    calls: tuple[Call, ...]
    refused: tuple[Call, ...]

    def key(self, *grants: GrantFacts) -> KeyFacts:
        roles = Roles(services=({"service": self.service, **self.options},), delegate_to_iam=False)
        policy = compile_roles(roles, key=SYMMETRIC, place=PLACE).document
        return KeyFacts(f"arn:aws:kms:{REGION}:{US}:key/k", US, "aws", REGION, policy, grants)


def scenarios() -> Iterator[Scenario]:
    for file in sorted(CASES.glob("*.yaml")):
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        for name, each in data["scenarios"].items():
            calls, refused = (tuple(_call(one, data["via"]) for one in each[kind]) for kind in ("calls", "refused"))
            yield Scenario(file.stem, name, each["options"], calls, refused)


def allowed(key: KeyFacts, call: Call) -> bool:
    return can(key, call.ask(), ANY_POLICY).standing is Standing.ALLOWED


def elsewhere(scenario: Scenario, call: Call) -> Iterator[Call]:
    """`call` as it must not pass: from another account, Region, service or person, without the service, or more."""
    for name, other in (*_people(scenario, call), *_ways(call), *_actions(call)):
        if name.partition(":")[0] not in call.unless:
            yield replace(other, does=f"{call.does} ({name})")


def _people(scenario: Scenario, call: Call) -> Iterator[tuple[str, Call]]:
    if call.of_service:
        yield "account: another", _of_account(call, THEM)
        yield "service: another", replace(call, caller="ec2.amazonaws.com")
        yield "service: none, a role", replace(call, caller="role/stranger")
    else:
        yield "account: another", replace(call, caller=f"arn:aws:iam::{THEM}:role/app")
        if {"principals", "readers"} & scenario.options.keys() or not call.via:
            yield "person: another", replace(call, caller="role/stranger")


def _of_account(call: Call, account: str) -> Call:
    """`call` for a resource of another account."""
    context = {key: value.replace(US, account) for key, value in call.context.items()}
    source = call.source.replace(US, account) if call.source else None
    return replace(call, context=context, source=source, source_account=account)


def _ways(call: Call) -> Iterator[tuple[str, Call]]:
    if call.via and not call.caller.startswith("role/aws-service-role/"):
        yield "service: none", replace(call, via=None)
        yield "service: another", replace(call, via="kinesis")
        yield "region: another", replace(call, facts={"kms:viaservice": (f"{call.via}.eu-west-1.amazonaws.com",)})
    if call.action == "CreateGrant":
        yield "grant: of the caller's own", replace(call, facts={"kms:grantisforawsresource": ("false",)})


def _actions(call: Call) -> Iterator[tuple[str, Call]]:
    for action in ("PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey", "Sign", "ListGrants", "GetKeyPolicy"):
        yield f"action: {action}", replace(call, action=action)


def _call(data: Mapping[str, Any], via: str | None) -> Call:
    fields = dict(data)
    caller = fields.pop("as", "role/app")
    fields |= {"source_account": fields.pop("sourceAccount", US), "unless": tuple(fields.get("unless", ()))}
    return Call(**{"caller": caller, "via": None if is_service(caller) else via, **fields})


def _arn(caller: str) -> str:
    return caller if is_service(caller) or caller.startswith("arn:") else f"arn:aws:iam::{US}:{caller}"
