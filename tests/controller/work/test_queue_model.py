"""The work queue against a model too simple to be wrong: nothing is lost, nothing is looked at twice at once."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reconciler.controller.work.queue import WorkQueue
from tests.controller.support.taking import Taker

ITEMS = st.sampled_from(["a1", "a2", "a3", "b1", "b2", "c1"])


class QueueModel(RuleBasedStateMachine):
    """For each item: when it is due, whether it is urgent, when it was asked for last; whether it is looked at."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.queue = WorkQueue(lambda item: item[0], lambda: self.now)
        self.taker = Taker(self.queue)
        self.wanted: dict[str, tuple[float, bool, float]] = {}
        self.taken = []

    @property
    def busy(self):
        return {item for taken in self.taken for item in taken.items}

    @rule(item=ITEMS, after=st.sampled_from([0.0, 1.0, 5.0]), urgent=st.booleans())
    def add(self, item, after, urgent):
        self.queue.add(item, after=after, urgent=urgent)
        due, before, _ = self.wanted.get(item, (self.now + after, urgent, 0.0))
        self.wanted[item] = min(due, self.now + after), before or urgent, self.now

    @rule(item=ITEMS)
    def forget(self, item):
        self.queue.forget(item)
        self.wanted.pop(item, None)

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule(most=st.integers(1, 4))
    def take(self, most):
        due = {item: want for item, want in self.wanted.items() if want[0] <= self.now and item not in self.busy}
        taken = self.taker.take(most)
        if not due:
            assert taken is None
            return
        assert taken is not None
        assert set(taken.items) <= set(due), "only what is due, and nobody is at already"
        assert len(set(taken.items)) == len(taken.items) <= most
        (lane,) = {item[0] for item in taken.items}
        first = min((not urgent, when) for when, urgent, _ in due.values())
        its = [(not due[item][1], due[item][0]) for item in taken.items]
        assert its[0] == first, "what is most urgent goes first"
        assert its == sorted(its)
        mates = sorted((not urgent, when) for item, (when, urgent, _) in due.items() if item[0] == lane)
        assert its == mates[: len(its)], "no mate is passed over"
        assert len(its) == min(most, len(mates)), "all mates are taken that may be"
        assert taken.since == max(due[item][2] for item in taken.items)
        for item in taken.items:
            del self.wanted[item]
        self.taken.append(taken)

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def done(self, data):
        taken = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
        self.queue.done(taken)
        for item in self.wanted.keys() & set(taken.items):
            self.wanted[item] = *self.wanted[item][:2], self.now

    @invariant()
    def as_many_wait_as_were_asked_for(self):
        assert len(self.queue) == len(self.wanted)

    def teardown(self):
        for taken in self.taken:
            self.queue.done(taken)
        self.taken.clear()
        self.now += 100.0
        found = []
        while (taken := self.taker.take(3)) is not None:
            found += taken.items
        self.taker.close()
        assert sorted(found) == sorted(self.wanted)


QueueModel.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
test_the_queue_does_as_the_model = QueueModel.TestCase
