"""A process that is killed at a point of its commit: `dying_writer.py FOLDER KEY POINT`."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

from reconciler.engine.engine import Engine
from reconciler.engine.store.generation import Generation


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, key, point = sys.argv[1:]
    real = Generation.changing

    @contextmanager
    def changing(self):
        if point == "before the generation is odd":
            die()
        with real(self):
            if point == "before the commit":
                die()
            yield
            die()

    engine = Engine.open(Path(folder))
    Generation.changing = changing
    engine.client()("UpdateKeyDescription", {"KeyId": key, "Description": "new"})


if __name__ == "__main__":
    main()
