"""kopf's part."""

from __future__ import annotations

import asyncio
import logging

import kopf
import pytest

from reconciler.controller.cluster.refs import RESOURCES
from reconciler.controller.handlers import configure, register


class Hears:
    """A process that notes what it is told."""

    def __init__(self):
        self.told = []

    async def start(self):
        self.told.append("start")

    async def explain_end(self):
        self.told.append("explain")

    async def stop(self):
        self.told.append("stop")

    def noticed(self, body, *, gone):
        self.told.append((body, gone))


@pytest.fixture
def registered():
    process, registry = Hears(), kopf.OperatorRegistry()
    register(process, registry)
    return process, registry


@pytest.fixture(autouse=True)
def _as_before():
    """kopf's logger is everybody's."""
    logger = logging.getLogger("kopf.objects")
    level = logger.level
    yield
    logger.setLevel(level)


def test_every_kind_is_watched_and_nothing_else_of_kopf_is_used(registered):
    _, registry = registered
    watched = [handler.selector.any_name or handler.selector.plural for handler in registry._watching._handlers]
    assert sorted(watched) == sorted(resource.plural for resource in RESOURCES.values())
    for others in (registry._changing, registry._spawning, registry._indexing, registry._webhooks):
        assert list(others._handlers) == []


@pytest.mark.parametrize(
    ("event", "gone"), [("ADDED", False), ("MODIFIED", False), (None, False), ("DELETED", True)], ids=str
)
def test_what_the_watch_shows_is_passed_on(registered, event, gone):
    process, registry = registered
    handler = registry._watching._handlers[0]
    asyncio.run(handler.fn(event={"type": event, "object": {"kind": "Key"}}, logger=None))
    assert process.told == [({"kind": "Key"}, gone)]


def test_the_process_starts_and_ends_with_kopf(registered):
    process, registry = registered
    settings = kopf.OperatorSettings()
    by_activity = {str(handler.activity): handler for handler in registry._activities._handlers}
    start, stop = by_activity["startup"], by_activity["cleanup"]

    async def story():
        await start.fn(settings=settings, logger=None)
        await stop.fn(settings=settings, logger=None)

    asyncio.run(story())
    assert process.told == ["start", "stop"]
    assert not settings.posting.enabled, "kopf is configured before anything else"
    assert start.errors is kopf.ErrorsMode.PERMANENT, "a start that fails ends the process"


def test_a_kopf_that_somebody_else_runs_says_why_it_ends():
    process, before = Hears(), kopf.get_default_registry()
    kopf.set_default_registry(kopf.OperatorRegistry())
    try:
        register(process)
        activities = kopf.get_default_registry()._activities._handlers
        stop = next(handler for handler in activities if str(handler.activity) == "cleanup")
    finally:
        kopf.set_default_registry(before)
    asyncio.run(stop.fn(settings=kopf.OperatorSettings(), logger=None))
    assert process.told == ["explain", "stop"]


def test_kopf_watches_and_does_nothing_else():
    settings = kopf.OperatorSettings()
    configure(settings)
    assert not settings.posting.enabled
    assert settings.scanning.disabled
    assert settings.watching.server_timeout < settings.watching.client_timeout


def test_kopf_keeps_no_copy_of_an_object_to_compare_it_with():
    settings = kopf.OperatorSettings()
    configure(settings)
    kept = settings.persistence.diffbase_storage
    body = kopf.Body({"metadata": {"annotations": {"kopf.zalando.org/last-handled-configuration": "{}"}}, "spec": {}})
    patch = kopf.Patch()
    kept.store(body=body, patch=patch, essence=kept.build(body=body))
    assert (kept.fetch(body=body), kept.build(body=body), dict(patch)) == (None, {}, {})
