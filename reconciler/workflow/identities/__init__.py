"""The identities file: who there is for the bundled KMS, from YAML to the engine's `Identities`.

`read_identities` reads it once; `FileIdentities` reads it again whenever it changed.
"""

from reconciler.workflow.identities.read import ReadIdentities, read_identities
from reconciler.workflow.identities.source import FileIdentities

__all__ = ["FileIdentities", "ReadIdentities", "read_identities"]
