"""An API in memory that is as unreliable as its script says: late, deaf, or answering to nobody."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from reconciler.controller.cluster.errors import ApiError


@dataclass(frozen=True)
class Weather:
    """What happens to one request."""

    before: float = 0.0
    """Seconds until it arrives."""
    after: float = 0.0
    """Seconds until its answer arrives."""
    dropped: bool = False
    """It never arrives."""
    unanswered: bool = False
    """It takes effect, and its answer is lost."""


FAIR = Weather()


class MemoryApi:
    """What `Leadership` and `Recorder` need of `Api`; several share one `objects`."""

    def __init__(self, objects: dict, weather: Callable[[], Weather] = lambda: FAIR):
        self.objects = objects
        self.weather = weather
        self.requests: list[tuple[str, str]] = []
        self._version = itertools.count(len(objects) + 1)

    async def get(self, path):
        return await self._ask("GET", path, lambda: copy.deepcopy(self._there(path)))

    async def create(self, path, body):
        def act():
            where = f"{path}/{body['metadata']['name']}"
            if where in self.objects:
                raise ApiError(409, "AlreadyExists", where)
            return self._put(where, body)

        return await self._ask("POST", path, act)

    async def replace(self, path, body):
        def act():
            if self._there(path)["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
                raise ApiError(409, "Conflict", path)
            return self._put(path, body)

        return await self._ask("PUT", path, act)

    async def patch(self, path, body):
        def act():
            there = self._there(path)
            return self._put(path, {**there, **body, "metadata": there["metadata"]})

        return await self._ask("PATCH", path, act)

    def _there(self, path):
        if path not in self.objects:
            raise ApiError(404, "NotFound", path)
        return self.objects[path]

    def _put(self, path, body):
        before = self.objects.get(path, {"metadata": {"resourceVersion": "0"}})
        version = str(int(before["metadata"]["resourceVersion"]) + 1)
        if path not in self.objects:
            version = f"{next(self._version)}000000"  # what is made anew is never taken for what was deleted
        self.objects[path] = {**copy.deepcopy(body), "metadata": {**body["metadata"], "resourceVersion": version}}
        return copy.deepcopy(self.objects[path])

    async def _ask(self, verb, path, act):
        weather = self.weather()
        self.requests.append((verb, path))
        if weather.dropped:
            await asyncio.sleep(weather.before)
            raise ApiError(0, "Unreachable", "no answer")
        # A request on its way arrives whether or not somebody still waits for it.
        outcome = await asyncio.shield(asyncio.ensure_future(self._arrive(weather.before, act)))
        await asyncio.sleep(weather.after)
        if weather.unanswered:
            raise ApiError(0, "Unreachable", "no answer")
        if isinstance(outcome, ApiError):
            raise outcome
        return outcome

    async def _arrive(self, seconds, act):
        await asyncio.sleep(seconds)
        try:
            return act()
        except ApiError as error:
            return error
