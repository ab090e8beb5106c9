"""Who the operator is to the API server.

Credentials are read by kopf's own functions, so that kopf's watches and our requests are made by the same account.
A kubeconfig that `KUBECONFIG` names is what somebody asked for and comes first; then the service account of the pod;
then `~/.kube/config`. Credential plugins (`exec`) and `tokenFile` of a kubeconfig are not known to kopf.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import kopf

from reconciler.controller.cluster.client import Api
from reconciler.kit.clock import SystemClock
from reconciler.kit.errors import KmsctlError

if TYPE_CHECKING:
    from reconciler.controller.cluster.client import Observe
    from reconciler.kit.clock import Clock

_FIX = "run in a cluster with a service account, or set KUBECONFIG to a kubeconfig with a current context"


def log_in(**_: Any) -> kopf.ConnectionInfo:
    """The credentials as they are now; also a handler for `kopf.on.login`.

    Raises:
        KmsctlError: there are none, or they cannot be read. Says nothing of their content.
    """
    settings = kopf.OperatorSettings()
    try:
        found = _first(settings)
    except Exception as error:  # noqa: BLE001  a kubeconfig is anybody's YAML, and what is wrong with it may quote a token
        raise KmsctlError("the kubeconfig cannot be used", why=_why(error), fix=_FIX) from None
    if found is None or not found.server:
        raise KmsctlError("there is no way to a cluster", why="no kubeconfig and no service account", fix=_FIX)
    return found


def connect(*, observe: Observe | None = None, clock: Clock | None = None) -> Api:
    """A client of the cluster. It opens its connections at the first request, in the loop that makes it.

    Args:
        observe: is told the verb and the status of every answer (0: none came).
        clock: time, for when to read the service account's token again.

    Raises:
        KmsctlError: see `log_in`.
    """
    return Api(log_in, clock=clock or SystemClock(), observe=observe)


def _first(settings: kopf.OperatorSettings) -> kopf.ConnectionInfo | None:
    ways: list[Callable[..., kopf.ConnectionInfo | None]]
    ways = [kopf.login_with_service_account, kopf.login_with_kubeconfig]
    if os.environ.get("KUBECONFIG"):
        ways.reverse()
    return next((found for way in ways if (found := way(settings=settings)) is not None), None)


def _why(error: Exception) -> str:
    match error:
        case OSError():
            return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
        case kopf.LoginError():
            return str(error).rstrip(".")
        case KeyError():
            return f"it has no {error}"
        case _:
            return type(error).__name__
