"""GenerateMac, VerifyMac.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html and API_VerifyMac.html
"""

from __future__ import annotations

import hmac
from typing import Any, Final

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation
from reconciler.engine.errors import dry_run
from reconciler.engine.keys.use import check_use, current_secret
from reconciler.kit.errors import KmsError

GENERATE_VERIFY_MAC: Final = "GENERATE_VERIFY_MAC"
_HASHES: Final = {f"HMAC_SHA_{bits}": f"sha{bits}" for bits in (224, 256, 384, 512)}
"""MAC algorithm → hash, by Python's name."""


def _generate_mac(call: Call) -> dict[str, Any]:
    _check(call)
    if call.get("DryRun"):
        raise dry_run()
    return _answer(call) | {"Mac": _mac(call)}


def _verify_mac(call: Call) -> dict[str, Any]:
    _check(call)
    if not hmac.compare_digest(_mac(call), call.get("Mac")):
        raise KmsError("KMSInvalidMacException", "")  # AWS says no more
    if call.get("DryRun"):
        raise dry_run()
    return _answer(call) | {"MacValid": True}


def _check(call: Call) -> None:
    check_use(call.key, call.name, GENERATE_VERIFY_MAC, call.get("MacAlgorithm"))


def _mac(call: Call) -> bytes:
    """The HMAC (RFC 2104) of the message in full length."""
    _, secret = current_secret(call, call.key)
    return hmac.digest(secret.value, call.get("Message"), _HASHES[call.get("MacAlgorithm")])


def _answer(call: Call) -> dict[str, Any]:
    call.used(call.key)
    return {"KeyId": call.key.arn, "MacAlgorithm": call.get("MacAlgorithm")}


OPERATIONS = (
    Operation("GenerateMac", _generate_mac, Access.USE, KEY_OR_ALIAS),
    Operation("VerifyMac", _verify_mac, Access.USE, KEY_OR_ALIAS),
)
