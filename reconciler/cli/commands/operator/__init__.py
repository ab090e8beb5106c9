"""`kmsctl operator`: keys as Kubernetes resources."""

from __future__ import annotations

from reconciler.cli.commands.operator import crds
from reconciler.cli.commands.operator import run as running
from reconciler.cli.group import Group

USAGE = "COMMAND [options]"
DESCRIPTION = """\
Declare keys in a Kubernetes cluster, beside the workloads that use them."""
EXAMPLES = """\
  kmsctl operator run --cluster-name eu-prod
  kmsctl operator crds | kubectl apply --server-side -f -"""

GROUP = Group(
    "operator",
    {
        "run": ("run the operator", running),
        "crds": ("print the custom resource definitions", crds),
    },
)
add_arguments = GROUP.add_arguments
run = GROUP.run
