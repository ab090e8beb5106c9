"""`kopf run operator/main.py`: the handlers register themselves; settings come from KMSCTL_* variables."""

import reconciler.controller.handlers  # noqa: F401 -- kopf wants them registered at import
