"""`kmsctl local`: the bundled KMS, worked with directly."""

from __future__ import annotations

from reconciler.cli.commands.local import advance, audit, call, credentials, quota, reset, serve
from reconciler.cli.group import Group

USAGE = "COMMAND [options]"
DESCRIPTION = """\
Work with the bundled KMS, whose data is in $KMSCTL_HOME."""
EXAMPLES = """\
  kmsctl local serve --port 4599
  kmsctl local call list-keys
  kmsctl local audit --limit 5
  kmsctl local reset"""

GROUP = Group(
    "local",
    {
        "serve": ("serve it over HTTP, for any AWS SDK", serve),
        "credentials": ("print somebody's access key for an AWS SDK", credentials),
        "call": ("make one call, as any client of AWS KMS could", call),
        "audit": ("print the record of all calls", audit),
        "advance": ("move its time forward", advance),
        "quota": ("list, raise or reset its quotas", quota),
        "reset": ("forget all keys and everything that they encrypted", reset),
    },
)
add_arguments = GROUP.add_arguments
run = GROUP.run
