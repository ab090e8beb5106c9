"""`kmsctl access`: who may do what with a key."""

from __future__ import annotations

from reconciler.cli.commands.access import can, diff, record, who
from reconciler.cli.group import Group

USAGE = "COMMAND [options]"
DESCRIPTION = """\
Say who may do what with a key, and why: by its key policy, its grants, and IAM
policies as far as they are known."""
EXAMPLES = """\
  kmsctl access who alias/orders
  kmsctl access who orders -f keys/ --action kms:Decrypt
  kmsctl access can role/orders-api kms:Decrypt alias/orders --via s3
  kmsctl access diff -f keys/"""

GROUP = Group(
    "access",
    {
        "who": ("list everybody who may do something with a key", who),
        "can": ("ask whether a principal may do one thing", can),
        "record": ("print an AccessTest of what is true of a key", record),
        "diff": ("show who gains and who loses access by a plan", diff),
    },
)
add_arguments = GROUP.add_arguments
run = GROUP.run
