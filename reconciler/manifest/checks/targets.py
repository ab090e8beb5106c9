"""Targets: the fields of a backend, and accounts that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.kit.arn import Arn, partition_of
from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.documents import Document, ManifestKind, Message
from reconciler.model.identifiers import TargetName
from reconciler.model.target import SecretCredentials, Target

_ONLY_AWS: Final = ("profile", "roleArn", "externalId", "endpointUrl", "credentials")


def target_of(document: Document) -> Target | None:
    """The Target that a manifest declares; None when it is of another kind."""
    if document.kind is not ManifestKind.TARGET:
        return None
    spec = document.spec
    return Target(
        name=TargetName(document.name),
        backend=spec["backend"],
        region=spec.get("region"),
        account_id=spec.get("accountId"),
        allowed_account_ids=tuple(spec.get("allowedAccountIds", ())),
        profile=spec.get("profile"),
        role_arn=spec.get("roleArn"),
        external_id=spec.get("externalId"),
        endpoint_url=spec.get("endpointUrl"),
        credentials=_credentials(spec),
        allowed_namespaces=tuple(spec.get("allowedNamespaces", ())),
        unmanaged_keys=spec.get("unmanagedKeys", "Deny"),
        position=document.position,
    )


def _credentials(spec: Mapping[str, Any]) -> SecretCredentials | None:
    return SecretCredentials(spec["credentials"]["secretRef"]["name"]) if "credentials" in spec else None


def check_target(document: Document) -> Iterator[Diagnostic]:
    """Everything wrong with a Target that shows without connecting to it."""
    yield from _check_backend(document)
    yield from _check_account(document)
    yield from _check_role(document)


def _check_backend(document: Document) -> Iterator[Diagnostic]:
    spec = document.spec
    if spec["backend"] == "local":
        for name in _ONLY_AWS:
            if name in spec:
                yield document.fault(
                    ("spec", name),
                    Message(
                        "conflicting-fields",
                        f"`{name}` does not go with the backend local",
                        "the bundled KMS needs no connection and no credentials",
                        "remove it, or set `backend: aws`",
                    ),
                    of_key=True,
                )
    elif "region" not in spec and "profile" not in spec:
        yield document.fault(
            ("spec",),
            Message(
                "region-missing",
                "the Target has neither `region` nor `profile`",
                "keys belong to one Region, and where a run goes must not depend on whose machine it runs on",
                "add `region:`",
            ),
            of_key=True,
        )
    if "profile" in spec and "credentials" in spec:
        what, why = "`spec` has `profile` and `credentials`", "either is where credentials come from"
        message = Message("conflicting-fields", what, why, "keep one of them")
        yield document.fault(("spec", "credentials"), message, of_key=True)


def _check_account(document: Document) -> Iterator[Diagnostic]:
    spec = document.spec
    account, allowed = spec.get("accountId"), spec.get("allowedAccountIds")
    if account is not None and allowed is not None and account not in allowed:
        yield document.fault(
            ("spec", "accountId"),
            Message(
                "account-not-allowed",
                f"the account {account} is not one of `allowedAccountIds`",
                "every run would be refused",
                "add it there, or correct it",
            ),
        )


def _check_role(document: Document) -> Iterator[Diagnostic]:
    spec = document.spec
    role = Arn.parse(spec.get("roleArn", ""))
    if role is None:
        if "externalId" in spec and spec["backend"] == "aws":
            message = Message(
                "missing-field",
                "`externalId` is there without `roleArn`",
                "it is given when a role is assumed",
                "add `roleArn:`, or remove it",
            )
            yield document.fault(("spec", "externalId"), message, of_key=True)
        return
    account = spec.get("accountId")
    if account is not None and role.account != account:
        yield document.fault(
            ("spec", "roleArn"),
            Message(
                "wrong-account-arn",
                f"the role is of account {role.account}, the Target of account {account}",
                "whoever assumes the role acts in the role's account",
                "correct one of them",
            ),
        )
    partition = partition_of(spec["region"]) if "region" in spec else role.partition
    if role.partition != partition:
        yield document.fault(
            ("spec", "roleArn"),
            Message(
                "wrong-partition-arn",
                f"the role is in the partition {role.partition}, the Region {spec['region']} in {partition}",
                "partitions share no accounts",
                "correct one of them",
            ),
        )
