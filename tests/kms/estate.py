"""Keys to observe, made through the port as kmsctl makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.kit.clock import Clock
from reconciler.kms.account import identify
from reconciler.kms.counted import Counted
from reconciler.kms.observe import observe
from reconciler.kms.port import Kms
from reconciler.model.identifiers import KeyId
from reconciler.model.observed import Account, ObservedTarget
from reconciler.model.ownership import GRANTS_TAG, GrantName, Ownership
from reconciler.model.scope import Scope, Wanted

STACK = "shop"
ACCOUNT = "111122223333"
GRANTEE = f"arn:aws:iam::{ACCOUNT}:role/app"
RETIRER = f"arn:aws:iam::{ACCOUNT}:role/retirer"


def role(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


@dataclass(frozen=True)
class Estate:
    """An account that a test fills and reads."""

    kms: Kms
    clock: Clock

    def key(self, name: str, *, stack: str = STACK, tags: Mapping[str, str] | None = None, **parameters: Any) -> KeyId:
        """A key of ours."""
        return self.bare({**Ownership(stack, name, 1).tags(), **(tags or {})}, **parameters)

    def bare(self, tags: Mapping[str, str] | None = None, **parameters: Any) -> KeyId:
        """A key with these tags and no others."""
        wire = [{"TagKey": key, "TagValue": value} for key, value in (tags or {}).items()]
        return KeyId(self.kms("CreateKey", {**parameters, "Tags": wire})["KeyMetadata"]["KeyId"])

    def alias(self, name: str, key: str) -> None:
        self.kms("CreateAlias", {"AliasName": name, "TargetKeyId": key})

    def grant(self, key: str, name: str, *, retirer: str | None = RETIRER, stack: str = STACK, **more: Any) -> str:
        """A grant of ours; the tag that counts them is the test's business."""
        parameters = {
            "KeyId": key,
            "GranteePrincipal": GRANTEE,
            "Operations": ["Decrypt", "Encrypt"],
            "Name": str(GrantName.naming(stack, name, "0123456789abcdef")),
            **more,
        }
        if retirer:
            parameters["RetiringPrincipal"] = retirer
        return str(self.kms("CreateGrant", parameters)["GrantId"])

    def granted(self, name: str, *, grants: Sequence[str] = ("g",), retirer: str | None = RETIRER) -> KeyId:
        """A key of ours with grants of ours, whose tag says so."""
        key = self.key(name, tags={GRANTS_TAG: str(len(grants))})
        for grant in grants:
            self.grant(key, f"{name}-{grant}", retirer=retirer)
        return key

    def account(self) -> Account:
        return identify(self.kms, "us-east-1")

    def observe(
        self, keys: Mapping[str, Wanted] | None = None, *, parallelism: int = 1, **scope: Any
    ) -> ObservedTarget:
        return self.counted(keys, parallelism=parallelism, **scope)[0]

    def counted(
        self, keys: Mapping[str, Wanted] | None = None, *, parallelism: int = 1, **scope: Any
    ) -> tuple[ObservedTarget, dict[str, int]]:
        """The reading, and its calls."""
        counted = Counted(self.kms)
        seen = observe(
            counted,
            self.account(),
            Scope(scope.pop("stack", STACK), keys or {}, **scope),
            clock=self.clock,
            parallelism=parallelism,
        )
        return seen, counted.calls()


def wants_grants(name: str, *grants: str, retirer: str | None = RETIRER) -> dict[str, Wanted]:
    """Key `name` with these grants declared."""
    return {name: Wanted(grants={f"{name}-{grant}": retirer for grant in grants})}
