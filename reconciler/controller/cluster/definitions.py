"""Whether the API server knows our kinds: without their definitions there is nothing to watch.

Discovery may be asked by everybody who is authenticated, so this needs no right of the operator's own.

Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.refs import API_VERSION, GROUP, RESOURCES

if TYPE_CHECKING:
    from reconciler.controller.cluster.client import Api

INSTALL: Final = "kmsctl operator crds | kubectl apply --server-side -f -"
"""What to do about a definition that is not there."""
_LOOK_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


async def missing(api: Api) -> tuple[str, ...]:
    """The definitions of ours that are not there, by name; none where the API server does not say."""
    try:
        found = await api.get(f"/apis/{API_VERSION}")
    except ApiError as error:
        if not error.not_found:
            return ()
        found = {}
    served = {resource.get("name") for resource in found.get("resources") or ()}
    return tuple(f"{one.plural}.{GROUP}" for one in RESOURCES.values() if one.plural not in served)


async def await_definitions(
    api: Api, lacks: Callable[[str], None], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Return once all definitions are there; the log and `lacks` are told which are not.

    Args:
        api: the cluster.
        lacks: hears what is missing, and at last nothing.
        sleep: waits, in seconds.
    """
    told = ""
    while absent := ", ".join(await missing(api)):
        if absent != told:
            logger.warning("definitions are missing and waited for: %s; %s", absent, INSTALL)
            lacks(f"waiting for the definitions of {absent}")
            told = absent
        await sleep(_LOOK_SECONDS)
    if told:
        logger.info("all definitions are there")
        lacks("")
