"""The whole operator over an API server in memory and the bundled KMS, in virtual time.

Threads are left out: what they would do is done at once, so a story has the same outcome each time.
"""

from __future__ import annotations

import asyncio
import logging
import os
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from reconciler.controller import operator as composed
from reconciler.controller.settings import Settings
from reconciler.controller.vitals import Vitals
from reconciler.kms.port import Kms
from tests.controller.cluster.virtual import LoopClock, VirtualLoop
from tests.controller.support.cluster import Cluster
from tests.controller.support.objects import DEFAULT_TARGET, annotated, says

CALM = 1500.0
"""Seconds: all delays and two checks for drift."""


DAY = 86_400
SOON = 30
"""Seconds: whatever is to be done at once, and a first try again."""
ALLOWED = annotated(allow="key-in-use,alias-leaves-key-in-use")
CALL = 0.001
"""Seconds that a call takes: what is read after it was read later."""


class Clock(LoopClock):
    """Whoever waits in the loop's only thread moves its time."""

    _slept = 0.0

    def sleep(self, seconds):
        self._loop.elapsed += seconds
        self._slept += seconds

    def slept(self):
        return self._slept


class AtOnce(Executor):
    """Does what it is given there and then."""

    def __init__(self, *_, **__):
        """As the executor that it stands for."""

    def submit(self, work, /, *args, **keywords):
        done = Future()
        try:
            done.set_result(work(*args, **keywords))
        except BaseException as error:
            done.set_exception(error)
        return done

    def shutdown(self, wait=True, *, cancel_futures=False):
        """Nothing is under way."""


class World:
    """A cluster, a KMS, and an operator that can be replaced."""

    def __init__(self, loop, home, variables=None):
        self.loop = loop
        self.clock = Clock(loop)
        self.cluster = Cluster(self.clock.now)
        self.home = home
        self.variables = {"KMSCTL_CLUSTER_NAME": "c", "KMSCTL_LEADER_ELECT": "false", **(variables or {})}
        self.kms_faults = []
        """Hear of each call, as operation and parameters, before it counts; what they raise is its answer."""
        self.kms_losses = []
        """The same after it took effect."""
        self.calls = []
        self.operator = None
        self.watch_first = False
        """Whether the watch shows a write before its answer arrives."""
        self.lost = []
        """The operators that say that they lead no more."""
        self._built = []
        self._edges = ExitStack()

    async def start(self, *, target=True):
        """A new operator."""
        if target and not self.cluster.objects:
            self.cluster.apply("Target", "default", DEFAULT_TARGET)
        self.cluster.watch.clear()
        self.operator = self.build()
        self.cluster.echo = self._echo
        await self.operator.lead()
        self.operator.work()
        return self

    async def started(self, *objects):
        """A new operator, and what these objects stand for: each a kind and a name, perhaps a spec and annotations."""
        await self.start()
        made = [self._applied(*one) for one in objects]
        await self.calm(SOON)
        return made

    def _applied(self, kind, name, spec=None, annotations=None):
        return self.cluster.apply(kind, name, spec, annotations=annotations)

    def build(self):
        """An operator that has not begun; it ends when the world does."""
        self._edges.enter_context(self._replaced())
        made = composed.Operator(self.settings(), Vitals(self.clock), lambda: self.lost.append(made))
        self._built.append(made)
        return made

    def settings(self):
        """Of the operator."""
        return Settings.from_environment(self.variables)

    async def stop(self):
        """The operator ends."""
        self.cluster.echo = None
        self.operator = None
        while self._built:
            await self._built.pop().stop()
        self._edges.close()

    async def restart(self):
        """The operator's process is replaced."""
        await self.stop()
        await self.start()

    async def calm(self, seconds=CALM):
        """Let time pass."""
        await asyncio.sleep(seconds)
        self.deliver()

    def deliver(self):
        """Show the operator what the watch holds back."""
        while self.cluster.watch:
            body, gone = self.cluster.watch.pop(0)
            if self.operator is not None:
                (self.operator.intake.gone if gone else self.operator.intake.notice)(body)

    def kms(self, operation, /, **parameters):
        """Somebody else's call."""
        environment = composed.Environment(self.home, {}, self.clock)
        with opened(environment) as client:
            return client(operation, parameters)

    def ready(self, which):
        """The status and reason of the object's Ready."""
        found = self.cluster.of(which)
        return says(found["status"].get("conditions", ())) if found else None

    def status(self, which):
        """Of an object."""
        return self.cluster.of(which)["status"]

    def key_id(self, which):
        """The id in an object's status."""
        return self.status(which)["keyId"]

    def state_of(self, key_id):
        """A key's, as KMS has it."""
        return self.kms("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"]

    def message(self, which):
        """Of the object's Ready."""
        return self.status(which)["conditions"][0]["message"]

    def told(self):
        """The reasons of all events."""
        return [event["reason"] for event in self.cluster.events]

    def live_keys(self):
        """The names of managed keys that are not on their way out, by id."""
        found = {}
        for key in self.kms("ListKeys")["Keys"]:
            key_id = key["KeyId"]
            if self.kms("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion":
                continue
            tags = {tag["TagKey"]: tag["TagValue"] for tag in self.kms("ListResourceTags", KeyId=key_id)["Tags"]}
            found[key_id] = tags.get("kms.reconciler.dev/name")
        return found

    def _echo(self):
        if self.watch_first:
            self.deliver()
        else:
            self.loop.call_later(0.01, self.deliver)

    def _around(self, kms: Kms, _metrics) -> Kms:
        def call(operation, parameters):
            self.calls.append(operation)
            self.clock.sleep(CALL)
            for fault in tuple(self.kms_faults):
                fault(operation, parameters)
            answer = kms(operation, parameters)
            for loss in tuple(self.kms_losses):
                loss(operation, parameters)
            return answer

        return call

    @contextmanager
    def _replaced(self):
        """The edges of the operator: the cluster, time, threads, and where the KMS is."""
        edges = {
            "connect": lambda **_: self.cluster,
            "SystemClock": lambda: self.clock,
            "ThreadPoolExecutor": AtOnce,
            "metered": self._around,
        }
        with patch.multiple(composed, **edges), patch.dict(os.environ, {"KMSCTL_HOME": str(self.home)}):
            yield


@contextmanager
def opened(environment):
    """The bundled KMS, by the side of the operator."""
    from reconciler.workflow.local import open_engine

    engine = open_engine(environment)
    try:
        yield engine.client()
    finally:
        engine.close()


class _Errors(logging.Handler):
    def __init__(self, level):
        super().__init__(level)
        self.messages = []

    def emit(self, record):
        self.messages.append(self.format(record))


def play(home, story, *, errors_with="\0", **keywords):
    """What `story(world)` returns, in virtual time; nothing in it may log an error but `errors_with` that text."""
    loop = VirtualLoop()

    async def whole():
        world = World(loop, home, **keywords)
        try:
            return await story(world)
        finally:
            await world.stop()

    errors = _Errors(logging.ERROR)
    logging.getLogger("reconciler").addHandler(errors)
    try:
        told = loop.run_until_complete(whole())
        assert not [told for told in errors.messages if errors_with not in told], errors.messages
        return told
    finally:
        logging.getLogger("reconciler").removeHandler(errors)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
