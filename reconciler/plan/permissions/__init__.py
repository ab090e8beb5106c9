"""The IAM policy that a caller of kmsctl needs: no action more, and on nothing more.

`permissions` is about one plan; `standing_permissions` about all that declared resources can take in
their life; `export_permissions` about all keys of an account, to read them.
"""

from reconciler.plan.permissions.delegation import undelegated_keys
from reconciler.plan.permissions.exporting import export_permissions
from reconciler.plan.permissions.policy import permissions
from reconciler.plan.permissions.standing import standing_permissions

__all__ = ["export_permissions", "permissions", "standing_permissions", "undelegated_keys"]
