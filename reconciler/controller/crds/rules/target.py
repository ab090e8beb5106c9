"""Rules of a Target."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rule import Rule, never_both

_ONLY_AWS: Final = ("profile", "roleArn", "externalId", "endpointUrl", "credentials")


def _not_local(name: str) -> Rule:
    return Rule(
        f"!has(self.{name}) || self.backend != 'local'",
        f"`{name}` does not go with the backend local: the bundled KMS needs no connection and no credentials; remove "
        "it, or set `backend: aws`",
        f".{name}",
    )


def _stays(name: str) -> Rule:
    """With keys of the cluster behind it, another place would get new keys, and the old ones would be left alone."""
    here, there = f"self.spec.{name}", f"oldSelf.spec.{name}"
    return Rule(
        f"oldSelf.?status.?keys.orValue(0) == 0 || !has({here}) || !has({there}) || {here} == {there}",
        f"`{name}` cannot change while keys are behind this Target: new ones would be made elsewhere, and these left "
        "alone; declare another Target",
        f".spec.{name}",
    )


RULES: Final = (
    *at("", _stays("backend"), _stays("region"), _stays("accountId")),
    *at(
        "spec",
        *(_not_local(name) for name in _ONLY_AWS),
        Rule(
            "self.backend != 'aws' || has(self.region) || has(self.profile)",
            "the Target has neither `region` nor `profile`: keys belong to one Region, and where a run goes must not "
            "depend on whose machine it runs on; add `region:`",
        ),
        Rule(
            "!has(self.accountId) || !has(self.allowedAccountIds) || self.accountId in self.allowedAccountIds",
            "the account is not one of `allowedAccountIds`: every run would be refused; add it there, or correct it",
            ".accountId",
        ),
        Rule(
            "!has(self.externalId) || has(self.roleArn) || self.backend != 'aws'",
            "`externalId` is there without `roleArn`: it is given when a role is assumed; add `roleArn:`, or remove it",
            ".externalId",
        ),
        Rule(
            "!has(self.accountId) || !has(self.roleArn) || self.roleArn.contains('::' + self.accountId + ':role/')",
            "the role is of another account than the Target: whoever assumes the role acts in the role's account; "
            "correct one of them",
            ".roleArn",
        ),
        never_both("profile", "credentials", "either is where credentials come from"),
    ),
)
