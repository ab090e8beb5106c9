"""What property tests leave to chance: nothing in a run that decides on a change, all of it in `make soak`."""

from __future__ import annotations

from hypothesis import settings

from tests.engine.laws.effort import SOAK


def settle() -> None:
    """Have the same examples in every run, unless it soaks, and no test fail for a machine that is busy.

    That is Hypothesis's own profile for continuous integration: no deadline, none of the checks that look at a clock,
    no examples of earlier runs. A test that sets any of them itself has what it says.
    """
    ours = settings(settings.get_profile("ci"), derandomize=not SOAK, print_blob=True)
    settings.register_profile("kmsctl", ours)
    settings.load_profile("kmsctl")
