"""A process that wants to lead: `python -m tests.e2e.candidate NAMESPACE IDENTITY`. Prints what becomes of it."""

from __future__ import annotations

import asyncio
import signal
import sys

from reconciler.controller.cluster.lease import Leadership
from reconciler.controller.cluster.login import connect
from reconciler.kit.clock import SystemClock


async def stand(namespace: str, identity: str) -> str:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with connect() as api:
        leadership = Leadership(api, namespace, "kmsctl-operator", identity, clock=SystemClock())
        print("standing", flush=True)
        await leadership.acquire()
        print("leading", flush=True)
        waits = [asyncio.ensure_future(ended.wait()), asyncio.ensure_future(leadership.lost())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        lost = waits[1].done()
        for wait in waits:
            wait.cancel()
        await leadership.release()
        return "lost" if lost else "released"


if __name__ == "__main__":
    print(asyncio.run(stand(*sys.argv[1:])), flush=True)
