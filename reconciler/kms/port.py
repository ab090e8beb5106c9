"""The port: a KMS (one account, one Region) is one function, so that everything around it composes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Kms(Protocol):
    """One call to a KMS.

    `operation` is AWS's name (`CreateKey`), or one of the few calls of the neighbours that kmsctl needs, with its
    service before it: `tagging:GetResources`, `sts:GetCallerIdentity`, `cloudtrail:LookupEvents`. Parameters and
    results have the shapes of boto3: blobs are bytes, timestamps are aware datetimes.

    Raises:
        reconciler.kit.errors.KmsError: what the KMS answered instead.
        reconciler.kit.errors.AmbiguousOutcome: nobody knows whether the call took effect.
        reconciler.kit.errors.KmsctlError: there is no way to ask: no credentials, no route, a broken store.
    """

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make the call."""
        ...
