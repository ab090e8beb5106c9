"""The world of the machine: two engines on one folder that take turns, and the outcome of every call."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from reconciler.engine.crypto import wrapping
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from tests.engine.conftest import START
from tests.engine.laws.listed import listed
from tests.engine.laws.machine.model import ACCOUNTS, CALLERS, REGIONS, ROOTS, Thing, population

PAIR = wrapping.generate("RSA_2048")
"""All imports travel under one wrapping key: making one takes longer than all the rest."""

regions = st.sampled_from(REGIONS)
accounts = st.sampled_from(ACCOUNTS)
callers = st.sampled_from(CALLERS)
actors = st.none() | callers
"""Who changes a key; None for its owner's root user."""
things = Bundle("things")


class World(RuleBasedStateMachine):
    """Calls, and what came of them."""

    def __init__(self):
        super().__init__()
        self.generate, wrapping.generate = wrapping.generate, lambda _: PAIR
        self.folder = Path(tempfile.mkdtemp())
        self.clock = ManualClock(START)
        self.engines = [self.opened() for _ in range(2)]
        self.today = 0
        self.turn = 0
        self.all: list[Thing] = []
        self.aliases: dict[tuple[str, str, str], Thing] = {}
        """By account, Region and name."""
        self.store: str | None = None
        self.connected = False
        self.seen: set[tuple[str, str]] = set()
        """Operations and how they ended."""

    def teardown(self):
        for engine in self.engines:
            engine.close()
        shutil.rmtree(self.folder)
        wrapping.generate = self.generate

    def opened(self):
        return Engine.open(self.folder / "data", clock=self.clock, identities=population())

    def ask(self, caller, region, operation, **parameters):
        """Call; the answer, or the KmsError, which must be one that the operation lists."""
        self.turn += 1
        client = self.engines[self.turn % 2].client(region=region, principal=caller)
        try:
            answer = client(operation, parameters)
        except KmsError as error:
            assert error.code in listed(operation), error
            self.seen.add((operation, error.code))
            return error
        self.seen.add((operation, "ok"))
        return answer

    def must(self, caller, region, operation, **parameters):
        """Call what succeeds; the answer."""
        answer = self.ask(caller, region, operation, **parameters)
        assert not isinstance(answer, KmsError), answer
        return answer

    def client(self, account, region):
        """A root user's client that asserts that errors are listed."""

        def call(operation, parameters):
            answer = self.ask(ROOTS[account], region, operation, **parameters)
            if isinstance(answer, KmsError):
                raise answer
            return answer

        return call

    def agrees(self, expected, key, region, operation, **parameters):
        """The owner's root user calls, and succeeds exactly when the model says so."""
        answer = self.ask(ROOTS[key.account], region, operation, **parameters)
        assert isinstance(answer, KmsError) != expected, (operation, answer)

    def region_of(self, key, place):
        """The Region of `key` at `place`, the primary's first; None when the key is gone."""
        life = key.life
        found = sorted(life.members, key=lambda region: (region != life.primary, region))
        return found[place % len(found)] if found else None

    def state(self, key, region):
        """The state of a key that is there."""
        state = key.life.state(region)
        return "Unavailable" if key.stored and not self.connected and state in {"Enabled", "Disabled"} else state

    def enabled(self, key, region):
        return region in key.life.members and self.state(key, region) == "Enabled"

    @rule(count=st.integers(1, 20))
    def advance(self, count):
        self.clock.advance(timedelta(days=count))
        for _ in range(count):
            self.today += 1
            for key in self.all:
                key.life.dawn(self.today)
        self.forget_the_dead()

    def forget_the_dead(self):
        """What belonged to keys that are no more is no more."""
        for key in self.all:
            for region in [region for region in key.places if region not in key.life.members]:
                del key.places[region]
        for name, key in list(self.aliases.items()):
            if name[1] not in key.life.members:
                del self.aliases[name]

    @rule()
    def restart(self):
        self.engines[0].close()
        self.engines[0] = self.opened()
