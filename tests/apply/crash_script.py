"""Run by tests as a program of its own: applies in child processes that are killed at a chosen call, then repairs.

`python -m tests.apply.crash_script SCENARIO FOLDER` prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any

from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out
from reconciler.apply.material.bring import WRAPPING_KEY
from reconciler.engine.crypto import wrapping
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock, SystemClock
from reconciler.kms.port import Kms
from reconciler.model.desired import DesiredState
from tests.apply.world import AFTER, BEFORE, Clients, clients, converge, copy, make_plan, prepare, snapshot
from tests.support.secrets import derived, wrapping_keys_made_once


class Mortal:
    """Counts calls, and kills the process with SIGKILL when the `nth` (from 1) is about to be made."""

    def __init__(self, nth: int) -> None:
        self._nth = nth
        self._lock = threading.Lock()
        self.count = 0

    def over(self, clients: Clients) -> Clients:
        """`clients`, whose calls are counted together."""
        return {name: self._counting(kms) for name, kms in clients.items()}

    def _counting(self, kms: Kms) -> Kms:
        def call(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
            with self._lock:
                self.count += 1
                if self.count == self._nth:
                    os.kill(os.getpid(), signal.SIGKILL)
            return kms(operation, parameters)

        return call


def clock() -> ManualClock:
    """The time of now, in which waiting takes none."""
    return ManualClock(SystemClock().now())


def begin(work: Callable[[], None]) -> int:
    """The id of a child process that does `work`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def ended(child: int) -> bool:
    """Wait for `child`: whether it came to its end; False when it was killed."""
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def apply_until(folder: Path, nth: int, parallelism: int) -> bool:
    """Apply the edit in a child that is killed before its `nth` call; whether it lived."""

    def work() -> None:
        with Engine.open(folder) as engine:
            kms = clients(engine)
            converge(kms, AFTER, clock(), parallelism, Mortal(nth).over(kms))

    return ended(begin(work))


def repaired(folder: Path, desired: DesiredState = AFTER) -> dict[str, Any]:
    """What one more apply makes of the account, and what is left to do after it."""
    with Engine.open(folder) as engine:
        kms = clients(engine)
        outcome = converge(kms, desired, clock())
        left = [str(change.address) for change in make_plan(kms, desired, clock()).effective]
        return {"ok": outcome.ok, "left": left, "snapshot": snapshot(kms)}


def base(folder: Path) -> Path:
    """The data of an engine that holds the stack as it was before the edit."""
    with Engine.open(folder / "base") as engine:
        prepare(clients(engine), clock())
    return folder / "base"


def killed_at(deaths: list[tuple[int, ...]], folder: Path, parallelism: int) -> list[dict[str, Any]]:
    """For each sequence of deaths: apply and die, again and again, then repair."""
    start = base(folder)
    seen = []
    for points in deaths:
        there = copy(start, folder / "trial")
        lived = [apply_until(there, point, parallelism) for point in points]
        seen.append({"points": points, "lived": lived, **repaired(there)})
        rmtree(there)
    return seen


def single(folder: Path) -> list[dict[str, Any]]:
    """Before every call of an apply in turn; the last trial is not killed."""
    start = base(folder)
    seen = []
    for point in range(1, 1000):
        there = copy(start, folder / "trial")
        lived = apply_until(there, point, 1)
        seen.append({"points": [point], "lived": [lived], **repaired(there)})
        rmtree(there)
        if lived:
            return seen
    raise AssertionError


def repeated(folder: Path) -> list[dict[str, Any]]:
    """Several deaths in a row, with several calls in flight."""
    drawn = random.Random(20260101)
    deaths = [tuple(drawn.randrange(1, 60) for _ in range(drawn.choice((1, 2, 3)))) for _ in range(25)]
    return killed_at(deaths, folder, 4)


def contested(folder: Path) -> list[dict[str, Any]]:
    """Two plans of one moment, the first applied whole: the second is killed before every call in turn."""
    start = base(folder)
    with Engine.open(start) as engine:
        late = make_plan(clients(engine), AFTER, clock())
        assert converge(clients(engine), AFTER, clock()).ok
    seen = []
    for point in range(1, 1000):
        there = copy(start, folder / "trial")

        def work(there: Path = there, point: int = point) -> None:
            with Engine.open(there) as engine:
                carry_out(late, Mortal(point).over(clients(engine)), Crew(clock(), 1, secrets=derived))

        lived = ended(begin(work))
        seen.append({"points": [point], "lived": [lived], **repaired(there)})
        rmtree(there)
        if lived:
            return seen
    raise AssertionError


def raced(folder: Path, desired: DesiredState, start: Path, *, immediate: bool) -> dict[str, Any]:
    """Two processes that plan, wait for each other, and apply at the same time."""
    there = copy(start, folder / "trial")
    gate, go = os.pipe()
    ready, planned = os.pipe()

    def work() -> None:
        with Engine.open(there) as engine:
            kms = clients(engine)
            plan = make_plan(kms, desired, clock())
            os.write(planned, b".")
            os.read(gate, 1)
            at_once = frozenset(kms if immediate else ())
            outcome = carry_out(plan, kms, Crew(SystemClock(), 4, secrets=derived, immediate=at_once))
            os.write(planned, b"+" if outcome.ok else b"-")

    children = [begin(work) for _ in range(2)]
    for _ in children:
        os.read(ready, 1)
    os.write(go, b"..")
    how = sorted(os.read(ready, 1).decode() for _ in children)
    assert all(ended(child) for child in children)
    for end in (gate, go, ready, planned):
        os.close(end)
    with Engine.open(there) as engine:
        seen = {"ended": how, "at_once": snapshot(clients(engine))}
    seen |= repaired(there, desired)
    rmtree(there)
    return seen


def race_of_creation(folder: Path) -> list[dict[str, Any]]:
    """Both find an empty account."""
    with Engine.open(folder / "empty"):
        pass
    return [raced(folder, BEFORE, folder / "empty", immediate=bool(trial % 2)) for trial in range(6)]


def race_of_edits(folder: Path) -> list[dict[str, Any]]:
    """Both find the stack as it was before the edit."""
    start = base(folder)
    return [raced(folder, AFTER, start, immediate=bool(trial % 2)) for trial in range(6)]


SCENARIOS = {found.__name__: found for found in (single, repeated, contested, race_of_creation, race_of_edits)}

if __name__ == "__main__":
    with wrapping_keys_made_once():
        wrapping.generate(WRAPPING_KEY)  # before there are children, who would each make one
        print(json.dumps(SCENARIOS[sys.argv[1]](Path(sys.argv[2]))))
