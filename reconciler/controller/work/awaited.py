"""Secrets of which something would be done once they are others than they were when they were read.

That is the credentials of every Target, and what an object reads that is not as it should be: material that is missing
or of the wrong form, a password that a key store does not take. The operator may read the Secrets that it was given by
name, and neither list nor watch any, so it asks after their versions now and then: of a few at a time, and never for
their content.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from reconciler.controller.cluster.client import Api, ApiError
from reconciler.controller.cluster.refs import ObjectRef, path_of
from reconciler.controller.objects.seen import Seen
from reconciler.controller.work.secrets import SecretPlace, Versions, is_away, version_of

_LOOK_SECONDS: Final = 5.0
_AT_ONCE: Final = 20
"""Secrets that are asked after in one look; those that wait longest without having been asked after come first."""
_SOURCES: Final = (
    ("importedMaterial", "from", "secretRef"),
    ("cloudHsm", "password", "from", "secretRef"),
    ("xksProxy", "credential", "secretAccessKey", "from", "secretRef"),
)
"""Where objects of a namespace name Secrets of it."""


def read_for(seen: Seen, versions: Versions) -> Versions:
    """Of the Secrets that were read in a batch, those that `seen` names."""
    named = {(seen.ref.namespace, name) for name in _named_by(seen)}
    return {place: version for place, version in versions.items() if place in named}


def _named_by(seen: Seen) -> Iterator[str]:
    for path in _SOURCES:
        found = seen.sound.spec if seen.sound else {}
        for field in path:
            found = found.get(field, {})
        if found:
            yield found["name"]


class AwaitedSecrets:
    """Belongs to one event loop.

    Args:
        api: the cluster.
        ask: has an object looked at now.
    """

    def __init__(self, api: Api, ask: Callable[[ObjectRef], None]) -> None:
        self._api = api
        self._ask = ask
        self._of: dict[ObjectRef, Versions] = {}
        self._asked: dict[SecretPlace, int] = {}
        """The number of the look in which each was asked after last."""
        self._looks = 0

    def note(self, ref: ObjectRef, versions: Mapping[SecretPlace, str | None]) -> None:
        """The Secrets that matter to an object from now on, as they were when it was looked at."""
        self._of.pop(ref, None)
        if versions:
            self._of[ref] = dict(versions)

    async def watch(self) -> None:
        """Have objects looked at once a Secret of theirs is another than it was; until this is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        self._looks += 1
        wanted = {place for versions in self._of.values() for place in versions}
        self._asked = {place: self._asked.get(place, 0) for place in wanted}
        for place in sorted(wanted, key=lambda place: (self._asked[place], place))[:_AT_ONCE]:
            self._asked[place] = self._looks
            try:
                version = await self._version(place)
            except ApiError:
                continue  # nothing is known of it for now
            for ref, versions in tuple(self._of.items()):
                if versions.get(place, version) != version:
                    del self._of[ref]  # the next attempt says what it read
                    self._ask(ref)

    async def _version(self, place: SecretPlace) -> str | None:
        """None while it is not there, or may not be read.

        Raises:
            ApiError: the API server does not say.
        """
        try:
            return version_of(await self._api.metadata(path_of("v1", "secrets", *place)))
        except ApiError as error:
            if is_away(error):
                raise
            return None
