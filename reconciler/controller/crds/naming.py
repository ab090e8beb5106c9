"""What Kubernetes calls the kinds, and which columns `kubectl get` shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from reconciler.manifest.documents import ManifestKind

CATEGORY: Final = "kms"
"""`kubectl get kms` lists all kinds."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`."""

    name: str
    path: str
    """In the resource, as JSONPath."""
    description: str
    type: Literal["string", "integer", "boolean", "date"] = "string"
    wide: bool = False
    """Whether only `kubectl get -o wide` shows it."""


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of a kind, and what is shown of it."""

    plural: str
    short: str
    columns: tuple[Column, ...]
    """Before those that all kinds have."""
    selectable: tuple[str, ...] = ()
    """Fields for `kubectl get --field-selector`."""
    namespaced: bool = True

    @property
    def scope(self) -> Literal["Namespaced", "Cluster"]:
        """As a CustomResourceDefinition says it."""
        return "Namespaced" if self.namespaced else "Cluster"


def _condition(type_: str, description: str) -> Column:
    return Column(type_.upper(), f'.status.conditions[?(@.type=="{type_}")].status', description)


_WHY: Final = '.status.conditions[?(@.type=="Synced")].'
"""Where each state says why; Ready keeps its own while an object is paused, or fails in a way that may pass."""
COMMON: Final = (
    _condition("Synced", "Whether KMS holds what is declared."),
    _condition("Ready", "Whether it can be used as declared."),
    Column("REASON", _WHY + "reason", "Why, in one word; docs/operator/conditions.md explains each."),
    Column("AGE", ".metadata.creationTimestamp", "How long the resource has been there.", "date"),
    Column("MESSAGE", _WHY + "message", "Why it is ready, or why it is not.", wide=True),
)
"""Columns of every kind, after its own."""

_KEY_ID: Final = Column("KEY ID", ".status.keyId", "The key id.")
_STATE: Final = Column("STATE", ".status.state", "The state of the key in KMS.")
_SPEC: Final = Column("SPEC", ".status.keySpec", "The key spec.")
_ARN: Final = Column("ARN", ".status.arn", "The ARN in AWS.", wide=True)
_DELETION: Final = Column(
    "DELETION", ".status.deletionDate", "When KMS deletes the key, if that is scheduled.", wide=True
)
_ROTATION: Final = Column("ROTATION", ".status.rotation", "How the material is rotated.")
_TARGET: Final = Column("TARGET", ".spec.targetRef.name", "The Target that it is on, if it names one.", wide=True)
_BY_KEY: Final = (".spec.targetRef.name", ".status.keyId")

NAMING: Mapping[ManifestKind, Naming] = MappingProxyType(
    {
        ManifestKind.KEY: Naming(
            "keys",
            "kkey",
            (_KEY_ID, _STATE, _SPEC, _ROTATION, _ARN, _DELETION, _TARGET),
            (*_BY_KEY, ".status.state", ".status.keySpec"),
        ),
        ManifestKind.REPLICA_KEY: Naming(
            "replicakeys",
            "krep",
            (
                _KEY_ID,
                _STATE,
                Column("REGION", ".status.region", "The Region that the replica is in."),
                Column("PRIMARY", ".status.primaryRegion", "The Region of its primary."),
                _SPEC,
                _ARN,
                _DELETION,
                _TARGET,
            ),
            (*_BY_KEY, ".spec.primaryRef.name", ".status.state"),
        ),
        ManifestKind.ALIAS: Naming(
            "aliases",
            "kalias",
            (Column("ALIAS", ".status.aliasName", "The alias name."), _KEY_ID, _ARN, _TARGET),
            (*_BY_KEY, ".spec.name", ".spec.keyRef.name"),
        ),
        ManifestKind.KEY_POLICY: Naming(
            "keypolicies", "kpol", (Column("USERS", ".status.users", "How many keys use it.", "integer"),)
        ),
        ManifestKind.GRANT: Naming(
            "grants",
            "kgrant",
            (
                Column("GRANTEE", ".spec.granteePrincipal", "The principal that may use the key."),
                Column("SERVICE", ".spec.granteeServicePrincipal", "The service that may use the key.", wide=True),
                _KEY_ID,
                Column("GRANT ID", ".status.grantId", "The id of the grant.", wide=True),
                _TARGET,
            ),
            (*_BY_KEY, ".spec.keyRef.name"),
        ),
        ManifestKind.CUSTOM_KEY_STORE: Naming(
            "customkeystores",
            "kstore",
            (
                Column("STORE ID", ".status.storeId", "The id of the store."),
                Column("CONNECTION", ".status.connectionState", "Whether KMS is connected to it."),
                _TARGET,
            ),
            (".spec.targetRef.name", ".status.storeId"),
        ),
        ManifestKind.ACCESS_TEST: Naming(
            "accesstests",
            "ktest",
            (Column("KEYS", ".status.keys", "How many keys it was held against.", "integer"),),
            (".spec.keyRef.name",),
        ),
        ManifestKind.TARGET: Naming(
            "targets",
            "ktarget",
            (
                Column("BACKEND", ".spec.backend", "AWS, or the bundled KMS."),
                Column("ACCOUNT", ".status.accountId", "The account."),
                Column("REGION", ".status.region", "The Region."),
                Column("KEYS", ".status.keys", "How many keys of the cluster's resources are there.", "integer"),
                Column("CALLER", ".status.callerArn", "The ARN that the operator acts under.", wide=True),
            ),
            (".spec.backend", ".status.accountId", ".status.region"),
            namespaced=False,
        ),
    }
)
