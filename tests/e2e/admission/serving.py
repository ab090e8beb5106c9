"""The webhook on a socket, in a thread of its own, as a replica of the operator serves it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from reconciler.controller.admission.app import admission_app
from reconciler.controller.admission.certificates import Certificates
from reconciler.controller.admission.neighbourhood import Known


@contextmanager
def serving_webhook(address: tuple[str, int], folder: Path, known: Known) -> Iterator[None]:
    """Listen on `address` with the certificate in `folder` until the block ends."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    over = asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(admission_app(known))
        await runner.setup()
        await web.TCPSite(runner, *address, ssl_context=Certificates(folder).context).start()
        ready.set()
        await over.wait()
        await runner.cleanup()
        await _closed(loop)

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    try:
        assert ready.wait(20), "the webhook listens"
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _closed(loop: asyncio.AbstractEventLoop) -> None:
    """Until TLS has said goodbye to every client: only the loop's own socket is left."""
    for _ in range(500):
        if len(loop._selector.get_map()) <= 1:
            return
        await asyncio.sleep(0.01)
