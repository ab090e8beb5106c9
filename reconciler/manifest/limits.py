"""How much input is taken, and why no more. Numbers of AWS's own are in the schemas."""

from __future__ import annotations

from typing import Final

from reconciler.model import ownership

MAX_SOURCE_BYTES: Final = 32 * 2**20
"""One file. Fifty thousand manifests fit; a log or an archive passed by mistake is refused before it is parsed."""

MAX_DEPTH: Final = 64
"""Nested collections in one document. IAM policies need about 8; Python's own stack would end near 1,000."""

MAX_NODES: Final = 100_000
"""Values in one document, aliases expanded. The largest legal key policy has fewer than 20,000."""

MAX_CHARACTERS: Final = 4 * 2**20
"""Text in one document, aliases expanded: a hundred times the largest legal key policy."""

MAX_FAULTS: Final = 200
"""Shown of one document. Nobody mends more at a time, and ten thousand would take minutes to place."""

MAX_INTEGER_DIGITS: Final = 18
"""Longer numbers stay text: no field holds one, and converting them takes quadratic time."""

MAX_ALIASES_OF_KEY: Final = 50
"""Source: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""

OWN_TAGS: Final = tuple(
    tag for name, tag in vars(ownership).items() if name.endswith("_TAG") and tag.startswith(ownership.TAG_PREFIX)
)
"""The tags that kmsctl itself puts on a key."""

MAX_TAGS_OF_KEY: Final = 50 - len(OWN_TAGS)
"""A key has at most 50 tags; source: https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html"""

MAX_GRANT_NAME: Final = 256
"""KMS's limit for a grant's `Name`, which carries stack and manifest name."""

KUSTOMIZE_TIMEOUT_SECONDS: Final = 120
"""kustomize may fetch remote bases; longer than this it hangs."""
