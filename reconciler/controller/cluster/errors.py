"""What the Kubernetes API answers instead of what was asked for."""

from __future__ import annotations

from typing import Any, Final

import orjson

from reconciler.kit.printable import printable

UNREACHABLE: Final = 0
"""The status of a request that got no answer: nobody knows whether it took effect."""
_MESSAGE_LIMIT: Final = 1_000


class ApiError(Exception):
    """One failed request.

    Args:
        status: of HTTP; `UNREACHABLE` when there was no answer.
        reason: the word of the API for it: `NotFound`, `AlreadyExists`, `Conflict`, `Forbidden`, `Invalid`, ….
        message: what the API says, safe to print; of a lost connection no more than how it was lost.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        status = f" ({self.status})" if self.status else ""
        return f"{self.reason}{status}: {self.message}"

    @property
    def unreachable(self) -> bool:
        """No answer came, or one that says that the API is not there for now."""
        return self.status == UNREACHABLE or self.status in {500, 502, 503, 504}

    @property
    def not_found(self) -> bool:
        """There is no such object."""
        return self.status == 404

    @property
    def conflict(self) -> bool:
        """Somebody else was quicker: it changed since it was read, or it is there already."""
        return self.status == 409

    @property
    def forbidden(self) -> bool:
        """RBAC does not allow it, or an admission plugin."""
        return self.status == 403

    @property
    def terminating(self) -> bool:
        """The namespace is on its way out and takes nothing new, as the admission plugin NamespaceLifecycle has it.

        Source: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle
        """
        return self.forbidden and "because it is being terminated" in self.message


def answered(status: int, body: bytes) -> ApiError:
    """The error of an answer: of its `Status` object, or of HTTP alone when a proxy answered.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        told = {}
    reason, message = told.get("reason"), told.get("message")
    return ApiError(
        status,
        printable(reason, limit=80) if isinstance(reason, str) and reason else f"HTTP{status}",
        printable(message, limit=_MESSAGE_LIMIT) if isinstance(message, str) else "the answer says no more",
    )


def lost(error: BaseException) -> ApiError:
    """The error of a request without an answer. What aiohttp says of it may name a proxy and its password."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return ApiError(UNREACHABLE, "Unreachable", f"no answer from the API server: {printable(why)}")
