"""Tags, without those by which other tools keep their own books."""

from __future__ import annotations

from typing import Final

from reconciler.convert.fields import Fields
from reconciler.convert.remarks import Words
from reconciler.kit.printable import printable
from reconciler.manifest.limits import MAX_TAGS_OF_KEY
from reconciler.model.ownership import TAG_PREFIX

_BOOKKEEPING: Final = frozenset(
    {
        "services.k8s.aws/controller-version",
        "services.k8s.aws/namespace",
        "crossplane-kind",
        "crossplane-name",
        "crossplane-providerconfig",
    }
)
"""Tags that say which controller made a key. They stay on the key, and are nobody's.

Source: https://aws-controllers-k8s.github.io/community/docs/user-docs/ack-tags/ and
https://github.com/crossplane/crossplane/blob/main/design/one-pager-managed-resource-api-design.md
"""
_RESERVED: Final = "aws:"


def kept(tags: dict[str, str], fields: Fields, *steps: str) -> dict[str, str]:
    """`tags` that a manifest can declare and should; the node at `steps` is where they are."""
    node = fields.node.get(*steps)
    for name in sorted(name for name in tags if name.startswith((_RESERVED, TAG_PREFIX))):
        fields.tell(node, Words(f"the tag {printable(name)} is left out", "nobody can declare tags of that name"))
    found = {name: value for name, value in sorted(tags.items()) if not _dropped(name)}
    if len(found) > MAX_TAGS_OF_KEY:
        why = f"there are {len(found)}, and a manifest takes {MAX_TAGS_OF_KEY}: kmsctl needs room for its own"
        fields.tell(node, Words("its tags are left out", why, "declare those that matter; the others stay on the key"))
        return {}
    return found


def pairs_of(fields: Fields, name: str, value: str, *steps: str) -> dict[str, str]:
    """Tags in a list of mappings, with their names under `name` and values under `value`."""
    found: dict[str, str] = {}
    for item in fields.node.get(*steps).items():
        one = Fields(fields.subject, item, fields.remarks)
        key = one.text(name)
        if key is not None:
            text = one.text(value, called=f"the tag {printable(key)}") if item.get(value).value is not None else ""
            found |= {key: text} if text is not None else {}
    return found


def _dropped(name: str) -> bool:
    return name in _BOOKKEEPING or name.startswith((_RESERVED, TAG_PREFIX))
