"""Which operations a key allows in which state, as data.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html. An operation that is not named works in
every state. `Unavailable` belongs to keys in custom key stores; `PendingReplicaDeletion`, `Creating` and `Updating` to
multi-Region keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.engine.errors import invalid_state
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsError

ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
PENDING_IMPORT: Final = "PendingImport"
PENDING_DELETION: Final = "PendingDeletion"
PENDING_REPLICA_DELETION: Final = "PendingReplicaDeletion"
UNAVAILABLE: Final = "Unavailable"
CREATING: Final = "Creating"
UPDATING: Final = "Updating"

DYING: Final = frozenset({PENDING_DELETION, PENDING_REPLICA_DELETION})
"""States of a key whose deletion is scheduled."""

_USABLE: Final = frozenset({ENABLED, UPDATING})
_SWITCHABLE: Final = frozenset({ENABLED, DISABLED, UNAVAILABLE})
_NOT_DYING: Final = frozenset({ENABLED, DISABLED, PENDING_IMPORT, UNAVAILABLE, CREATING, UPDATING})
_ROTATABLE: Final = frozenset({ENABLED, UPDATING, PENDING_IMPORT, UNAVAILABLE})
"""Keys without material here, and those of custom key stores, fail for their origin, which the operations check."""
_IMPORTABLE: Final = frozenset({ENABLED, DISABLED, PENDING_IMPORT, UNAVAILABLE})
"""Keys of custom key stores, the only ones that are `Unavailable`, fail for their origin here too, and so do keys that
await deletion, whose state the operations check after that."""

ALLOWED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "CancelKeyDeletion": DYING,
        "CreateAlias": _NOT_DYING,
        "CreateGrant": _USABLE | {UNAVAILABLE},
        "Decapsulate": _USABLE,
        "Decrypt": _USABLE,
        "DeleteImportedKeyMaterial": _IMPORTABLE | DYING,
        "DeriveSharedSecret": _USABLE,
        "DisableKey": _SWITCHABLE,
        "DisableKeyRotation": _ROTATABLE,
        "EnableKey": _SWITCHABLE,
        "EnableKeyRotation": _ROTATABLE,
        "Encapsulate": _USABLE,
        "Encrypt": _USABLE,
        "GenerateDataKey": _USABLE,
        "GenerateDataKeyPair": _USABLE,
        "GenerateDataKeyPairWithoutPlaintext": _USABLE,
        "GenerateDataKeyWithoutPlaintext": _USABLE,
        "GenerateMac": _USABLE,
        "GetParametersForImport": _IMPORTABLE | DYING,
        "GetPublicKey": _USABLE,
        "ImportKeyMaterial": _IMPORTABLE | DYING | {UPDATING},
        "ReEncrypt": _USABLE,
        "ReplicateKey": frozenset({ENABLED}),
        "RotateKeyOnDemand": _USABLE | {UNAVAILABLE},
        "ScheduleKeyDeletion": _NOT_DYING - {UPDATING},
        "Sign": _USABLE,
        "TagResource": _NOT_DYING,
        "UntagResource": _NOT_DYING,
        "UpdateAlias": _NOT_DYING,
        "UpdateKeyDescription": _NOT_DYING,
        "UpdatePrimaryRegion": _USABLE,
        "Verify": _USABLE,
        "VerifyMac": _USABLE,
    }
)
"""Operation → states of its keys in which it works."""

_CONDITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ENABLED: "enabled",
        PENDING_IMPORT: "pending import",
        PENDING_DELETION: "pending deletion",
        PENDING_REPLICA_DELETION: "pending replica deletion",
        UNAVAILABLE: "unavailable",
        CREATING: "creating",
        UPDATING: "updating",
    }
)
"""How AWS's messages call a state."""


def check_state(operation: str, key: Key) -> None:
    """See that `key` is in a state that allows `operation`.

    Raises:
        KmsError: DisabledException or KMSInvalidStateException, as the table in the developer guide says.
    """
    allowed = ALLOWED.get(operation)
    if allowed is None or key.state in allowed:
        return
    if operation == "CancelKeyDeletion":
        raise invalid_state(f"{key.arn} is not pending deletion.")
    raise wrong_state(key)


def wrong_state(key: Key) -> KmsError:
    """`key` is in a state that does not allow what is asked of it."""
    if key.state == DISABLED:
        return KmsError("DisabledException", f"{key.arn} is disabled.")
    return invalid_state(f"{key.arn} is {_CONDITIONS[key.state]}.")
