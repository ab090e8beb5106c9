"""The webhook as an aiohttp application: POST /validate.

Every answer that is no verdict (a malformed request, too large, too slow, a fault) is a status of HTTP, which the
API server treats as its `failurePolicy` says.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp import web

from reconciler.controller.admission.neighbourhood import Known
from reconciler.controller.admission.review import MalformedReview, review

_LOG: Final = logging.getLogger(__name__)

PATH: Final = "/validate"
MAX_BODY: Final = 8 * 2**20
"""Bytes. An object and its old self; the API server takes requests of 3 MiB, etcd keeps 1.5 MiB of one object.

Source: https://etcd.io/docs/latest/dev-guide/limit/
"""
MAX_SECONDS: Final = 4.0
"""For one review: less than the `timeoutSeconds: 5` of the configuration, so that the answer says why."""
_WORKERS: Final = 2
"""Reviews at a time; more would only take turns. They are threads of their own: reconciling takes none of them."""


def admission_app(known: Known, *, seconds: float = MAX_SECONDS) -> web.Application:
    """The application, to be mounted behind TLS (see `certificates`)."""
    app = web.Application(client_max_size=MAX_BODY)
    webhook = _Webhook(known, seconds)
    app.router.add_post(PATH, webhook.validate)
    app.cleanup_ctx.append(webhook.threads)
    return app


class _Webhook:
    def __init__(self, known: Known, seconds: float) -> None:
        self._known = known
        self._seconds = seconds
        self._pool: ThreadPoolExecutor | None = None

    async def threads(self, _: web.Application) -> AsyncIterator[None]:
        """Start and end with the application."""
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="admission")
        yield
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def validate(self, request: web.Request) -> web.Response:
        """Answer one AdmissionReview."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="the body must be application/json\n")
        text = await request.read()
        try:
            return web.json_response(await self._answer(text))
        except MalformedReview as malformed:
            raise web.HTTPBadRequest(text=f"{malformed}\n") from None
        except TimeoutError:
            _LOG.warning("a review took longer than %s seconds", self._seconds)
            raise web.HTTPServiceUnavailable(text="the review took too long\n") from None
        except Exception:  # noqa: BLE001  whatever it is, the API server gets an answer and no traceback
            _LOG.exception("a review failed")
            raise web.HTTPInternalServerError(text="the review failed; the operator's log says why\n") from None

    async def _answer(self, text: bytes) -> dict[str, Any]:
        work = asyncio.get_running_loop().run_in_executor(self._pool, _reviewed, text, self._known)
        async with asyncio.timeout(self._seconds):
            return await work


def _reviewed(text: bytes, known: Known) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedReview("the body is not JSON") from None
    return review(body, known)
