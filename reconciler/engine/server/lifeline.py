"""A worker process ends when the process that started it does, however that ends.

Source: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html. The kernel watches the thread that forked,
which is granian's main thread as long as it serves.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

_SET_PARENT_DEATH_SIGNAL: Final = 1


def end_with(parent: int) -> None:
    """Have this process told to stop when `parent`, which started it, is gone; at once if it is gone already.

    SIGTERM: it answers the requests in flight and writes what waits. Only Linux knows this; elsewhere a worker whose
    parent was killed goes on, as before.

    Raises:
        OSError: the kernel refuses.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM.value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel does not tell of the end of the parent process")
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)
