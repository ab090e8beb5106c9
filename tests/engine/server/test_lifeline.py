"""A process that ends with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

END_WITH = "import os, signal; from reconciler.engine.server.lifeline import end_with; end_with({}); signal.pause()"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells of a parent's end")
def test_a_process_whose_parent_is_gone_already_ends_at_once():
    """Here the parent that it names is another process than the one that started it."""
    orphan = subprocess.run([sys.executable, "-c", END_WITH.format(os.getpid() + 1)], timeout=20, check=False)
    assert orphan.returncode == -signal.SIGTERM
