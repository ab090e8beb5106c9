"""The operator in this process, by our command and by kopf's."""

from __future__ import annotations

import asyncio
import importlib
import pwd
import signal
import sys

import kopf
import pytest
from kopf._cogs.clients.errors import APIForbiddenError, APINotFoundError

from reconciler.controller import run as running
from reconciler.controller.cluster.refs import RESOURCES
from reconciler.controller.process import Process
from reconciler.controller.settings import Settings
from reconciler.kit.errors import KmsctlError
from tests.controller.test_process import VARIABLES, _own_logs

_own_logs = _own_logs


@pytest.fixture
def settings():
    return Settings.from_environment(VARIABLES)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # kopf leaves coroutines behind
def test_a_start_that_fails_says_why_and_not_that_a_handler_did(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(KmsctlError, match="no way to a cluster"):
        running.run(settings)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_user_without_a_name_as_in_a_container_starts_it_as_any_other(settings, monkeypatch, tmp_path):
    def nameless(number):
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "KUBECONFIG", "POD_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nameless)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(KmsctlError, match="no way to a cluster"):
        running.run(settings)


async def _as_kopf(*, registry, **how):
    """What `kopf.operator` does of the life of an operator, without a cluster."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    by_activity = {str(handler.activity): handler for handler in registry._activities._handlers}
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    try:
        await by_activity["startup"].fn(settings=kopf.OperatorSettings(), logger=None)
        await stop.wait()
        await by_activity["cleanup"].fn(settings=kopf.OperatorSettings(), logger=None)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def test_a_replica_that_leads_no_more_ends_with_an_error_so_that_it_is_started_anew(settings, monkeypatch):
    class Loses(Process):
        async def start(self):
            self._ended()

    monkeypatch.setattr(running, "Process", Loses)
    monkeypatch.setattr(kopf, "operator", _as_kopf)
    assert running.run(settings) == running.LOST


@pytest.mark.parametrize(("given", "everywhere"), [("", True), ("payments", False)])
def test_kopf_watches_the_namespaces_that_are_served(monkeypatch, given, everywhere):
    told = {}

    async def ends_at_once(**how):
        told.update(how)

    monkeypatch.setattr(kopf, "operator", ends_at_once)
    assert running.run(Settings.from_environment({**VARIABLES, "KMSCTL_NAMESPACES": given})) == 0
    assert told["clusterwide"] is everywhere
    assert tuple(told["namespaces"]) == (() if everywhere else ("payments",))
    assert told["standalone"]


def test_an_error_of_nobodys_is_not_hidden(settings, monkeypatch):
    async def breaks(**how):
        raise ValueError("a bug")

    monkeypatch.setattr(kopf, "operator", breaks)
    with pytest.raises(ValueError, match="a bug"):
        running.run(settings)


def test_a_watch_that_is_refused_says_what_to_do(settings, monkeypatch):
    async def refused(**how):
        raise APIForbiddenError(None, status=403, headers={})

    monkeypatch.setattr(kopf, "operator", refused)
    with pytest.raises(KmsctlError, match="can watch its objects no more") as told:
        running.run(settings)
    assert "403" in told.value.why


def test_a_definition_that_is_gone_starts_it_again_in_the_same_process(settings, monkeypatch):
    rounds = []

    async def first_without_then_done(**how):
        rounds.append(how["registry"])
        if len(rounds) == 1:
            raise APINotFoundError(None, status=404, headers={})

    monkeypatch.setattr(kopf, "operator", first_without_then_done)
    monkeypatch.setattr(running, "_PAUSE_SECONDS", 0.0)
    assert running.run(settings) == 0
    assert len(rounds) == 2
    assert rounds[0] is not rounds[1]


def test_kopf_run_finds_the_same_handlers(monkeypatch):
    registry, before = kopf.OperatorRegistry(), kopf.get_default_registry()
    kopf.set_default_registry(registry)
    monkeypatch.delitem(sys.modules, "reconciler.controller.kopfrun", raising=False)
    try:
        importlib.import_module("reconciler.controller.kopfrun")
    finally:
        kopf.set_default_registry(before)
    assert len(registry._watching._handlers) == len(RESOURCES)
