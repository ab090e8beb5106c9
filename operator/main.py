"""`kopf run operator/main.py`: settings come from KMSCTL_* variables."""

from reconciler.controller import kopfrun  # noqa: F401  registers with kopf
