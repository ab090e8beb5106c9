"""Everything that an account can read of its keys, as one text: equal texts, equal stores."""

from __future__ import annotations

import base64
import json
from datetime import datetime

from reconciler.kit.errors import KmsError
from tests.engine.calls import AWAY, FAR

HOME = "us-east-1"
REGIONS = (HOME, AWAY, FAR)
OF_KEYS = (
    "DescribeKey",
    "GetKeyPolicy",
    "ListAliases",
    "ListGrants",
    "ListResourceTags",
    "GetKeyRotationStatus",
    "ListKeyRotations",
)
MORE = {"ListKeyRotations": {"IncludeKeyMaterial": "ALL_KEY_MATERIAL"}}


def observed(client):
    """What there is, by `client`, which makes a client of a Region: a function of an operation and its parameters."""
    found = {region: _region(client(region)) for region in REGIONS}
    return json.dumps(found, default=_plain, sort_keys=True, indent=1)


def _region(kms):
    keys = {}
    for entry in kms("ListKeys", {})["Keys"]:
        named = {"KeyId": entry["KeyId"]}
        keys[entry["KeyId"]] = {operation: _read(kms, operation, named) for operation in OF_KEYS}
    listings = ("ListAliases", "DescribeCustomKeyStores")
    return {"keys": keys, **{operation: _read(kms, operation, {}) for operation in listings}}


def _read(kms, operation, named):
    try:
        return kms(operation, {**named, **MORE.get(operation, {})})
    except KmsError as error:
        return error.code


def _plain(value):
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    return base64.b64encode(value).decode()
