"""What `kmsctl convert` does: read files, convert what they declare, and say what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

from reconciler.convert.convert import Conversion, convert
from reconciler.convert.drafts import Place
from reconciler.report.words import plural
from reconciler.report.yaml.blocks import document
from reconciler.report.yaml.export import comments
from reconciler.workflow.convert.files import read_files

_KEYS: Final = "Keys, as other tools declare them; of which account and Region is not known."
_ADOPTS: Final = "`kmsctl plan` shows what an apply would change; what is adopted gets kmsctl's own tags."
_STAYS: Final = "A key whose manifest is taken out stays, unless it has `deletion.policy: Schedule`."


def conversion(paths: Sequence[str], parameters: Mapping[str, str], stdin: BinaryIO) -> Conversion:
    """The manifests for what the files, folders and `-` among `paths` declare.

    Raises:
        KmsctlError: a file cannot be read.
    """
    return convert(read_files(paths, stdin), parameters)


def written(found: Conversion) -> str:
    """All manifests as one YAML text, with what was left out in comments; nothing when there are none."""
    if not found.manifests:
        return ""
    title = f"Keys {_where(found.places)}, as other tools declare them." if found.places else _KEYS
    head = [title, _ADOPTS, *_how(found), _STAYS, *found.notes]
    documents = ["".join(comments(one.comments)) + document(one.value) for one in found.manifests]
    return "".join(comments(head)) + "---\n".join(documents)


def summary(found: Conversion) -> str:
    """One line for people who send the manifests to a file."""
    kinds = [one.value["kind"] for one in found.manifests]
    keys, grants = sum(kind in ("Key", "ReplicaKey") for kind in kinds), kinds.count("Grant")
    more = f" and {plural(grants, 'grant')}" if grants else ""
    return f"{plural(keys, 'key')}{more} written, {plural(len(found.remarks), 'remark')}\n"


def _where(places: Sequence[Place]) -> str:
    """`of account 111122223333 in us-east-1`, and so on."""
    accounts = (f"account {place.account} in {place.region}" if place.account else place.region for place in places)
    return "of " + " and ".join(str(account) for account in accounts)


def _how(found: Conversion) -> Iterator[str]:
    """With which options a run goes where the keys are."""
    targets = [one for one in found.manifests if one.value["kind"] == "Target"]
    others = [one for one in found.manifests if one.value["kind"] != "Target"]
    if not targets:
        where = (f" --region {place.region}" for place in found.places)
        yield f"They belong to the run's target: `--backend aws{next(where, '')}`, or a Target of yours."
    elif all("targetRef" in one.value["spec"] for one in others):
        yield f"Make one of these Targets the run's: `--target {targets[0].value['metadata']['name']}`."
    else:
        yield "What has no `targetRef` belongs to the run's target: where it is, is not known."
