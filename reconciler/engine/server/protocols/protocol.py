"""What every protocol can do, and what they share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Protocol

from reconciler.engine.server.messages import Request, Response
from reconciler.engine.wire.model import error_shapes
from reconciler.kit.errors import KmsError

SERIALIZATION: Final = "SerializationException"
"""AWS's code for a body that is not what the protocol says."""
INTERNAL: Final = "KMSInternalException"
"""AWS's code for what is not the caller's fault; SDKs call again."""
NO_STORE: Final = ("cache-control", "no-cache, no-store, must-revalidate, private")
"""As AWS KMS answers: a plaintext is for nobody's cache."""

_STATUS: Final = {"InternalFailure": 500, "RequestEntityTooLarge": 413, "RequestTimeout": 408, "NotFound": 404}
"""HTTP status of codes that no service model has; 400 for all others
(https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html, and what AWS's JSON services answer)."""


class WireProtocol(Protocol):
    """One of AWS's protocols."""

    def parameters(self, operation: str, request: Request) -> Mapping[str, Any]:
        """The parameters of the port's `operation` that the request carries.

        Raises:
            KmsError: SerializationException, or the protocol's own code: they cannot be read.
        """
        ...

    def success(self, operation: str, result: Mapping[str, Any], request_id: str) -> Response:
        """The answer to a call that went well."""
        ...

    def failure(self, error: KmsError, service: str) -> Response:
        """The answer to a call of the port's `service` that failed; `error.request_id` is set."""
        ...


def serialization(message: str) -> KmsError:
    """The body is not what the protocol says."""
    return KmsError(SERIALIZATION, message)


@cache
def status_of(code: str, service: str) -> int:
    """The HTTP status of an error of the port's `service` (kms, sts, …)."""
    shape = error_shapes(service).get(code)
    if shape is None:
        return _STATUS.get(code, 400)
    declared = shape.get("error", {}).get("httpStatusCode")
    return int(declared) if declared else 500 if shape.get("fault") else 400
