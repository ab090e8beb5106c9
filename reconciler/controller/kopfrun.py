"""Imported by `kopf run operator/main.py`: registers the operator with kopf's own registry."""

from __future__ import annotations

import os

from reconciler.controller.handlers import register
from reconciler.controller.process import Process
from reconciler.controller.settings import Settings

register(Process(lambda: Settings.from_environment(os.environ)))
