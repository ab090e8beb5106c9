"""A caller of the bundled KMS in one account and Region, in the shape of the port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.engine.caller import Caller

if TYPE_CHECKING:
    from reconciler.engine.engine import Engine


class Client:
    """A caller in one account and Region: what kmsctl calls a KMS."""

    def __init__(self, engine: Engine, caller: Caller) -> None:
        self._engine = engine
        self._caller = caller
        self.account = caller.account
        self.region = caller.region

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call `operation`.

        It is a KMS operation (`CreateKey`), or `tagging:GetResources`, `sts:GetCallerIdentity`,
        `cloudtrail:LookupEvents`. Results have the shapes that boto3 gives: blobs are bytes,
        instants are aware datetimes; no ResponseMetadata.

        Raises:
            KmsError: with AWS's code and message.
            KmsctlError: the store cannot be used.
        """
        return self._engine.perform(self._caller, operation, parameters)
