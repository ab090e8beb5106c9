"""Which operations a key allows in which state, as data.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html. An operation that is not named works in
every state; `Unavailable` and `PendingReplicaDeletion` belong to custom key stores and replicas.
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

_ONLY_ENABLED: Final = frozenset({ENABLED})
_MATERIAL_THERE: Final = frozenset({ENABLED, DISABLED})
_ENABLED_OR_EMPTY: Final = frozenset({ENABLED, PENDING_IMPORT})
_NOT_DYING: Final = frozenset({ENABLED, DISABLED, PENDING_IMPORT})

ALLOWED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "CancelKeyDeletion": frozenset({PENDING_DELETION}),
        "CreateAlias": _NOT_DYING,
        "CreateGrant": _ONLY_ENABLED,
        "Decapsulate": _ONLY_ENABLED,
        "Decrypt": _ONLY_ENABLED,
        "DeriveSharedSecret": _ONLY_ENABLED,
        "DisableKey": _MATERIAL_THERE,
        # Keys without material fail these three for their origin, which the operations check themselves.
        "DisableKeyRotation": _ENABLED_OR_EMPTY,
        "EnableKeyRotation": _ENABLED_OR_EMPTY,
        "RotateKeyOnDemand": _ONLY_ENABLED,
        "EnableKey": _MATERIAL_THERE,
        "Encapsulate": _ONLY_ENABLED,
        "Encrypt": _ONLY_ENABLED,
        "GenerateDataKey": _ONLY_ENABLED,
        "GenerateDataKeyPair": _ONLY_ENABLED,
        "GenerateDataKeyPairWithoutPlaintext": _ONLY_ENABLED,
        "GenerateDataKeyWithoutPlaintext": _ONLY_ENABLED,
        "GenerateMac": _ONLY_ENABLED,
        "GetPublicKey": _ONLY_ENABLED,
        "ReEncrypt": _ONLY_ENABLED,
        "ScheduleKeyDeletion": _NOT_DYING,
        "Sign": _ONLY_ENABLED,
        "TagResource": _NOT_DYING,
        "UntagResource": _NOT_DYING,
        "UpdateAlias": _NOT_DYING,
        "UpdateKeyDescription": _NOT_DYING,
        "Verify": _ONLY_ENABLED,
        "VerifyMac": _ONLY_ENABLED,
    }
)
"""Operation → states of its keys in which it works."""


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
    match key.state:
        case "Disabled":
            raise KmsError("DisabledException", f"{key.arn} is disabled.")
        case "PendingImport":
            raise invalid_state(f"{key.arn} is pending import.")
        case _:
            raise invalid_state(f"{key.arn} is pending deletion.")
