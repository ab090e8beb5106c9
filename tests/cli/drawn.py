"""Hypothesis strategies for manifests as people write them, most of which are sound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from reconciler.report.yaml.blocks import document

Plain = dict[str, Any]

_ROOT = "arn:aws:iam::111122223333:root"
_OWN = ["role/a", "role/path/b", "user/u", "111122223333"]
_ALL = [*_OWN, "444455556666", "arn:aws:iam::444455556666:role/far"]
_KINDS = {
    "ENCRYPT_DECRYPT": (["SYMMETRIC_DEFAULT"], ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom"]),
    "SIGN_VERIFY": (["ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "ML_DSA_44"], ["Sign", "Verify", "GetPublicKey"]),
    "GENERATE_VERIFY_MAC": (["HMAC_256"], ["GenerateMac", "VerifyMac"]),
    "KEY_AGREEMENT": (["ECC_NIST_P256"], ["DeriveSharedSecret", "GetPublicKey"]),
}


def _some(items: list[str], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(items), min_size=1, max_size=most, unique=True)


def _fields(required: Mapping[str, Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Plain]:
    return st.fixed_dictionaries({name: st.just(value) for name, value in required.items()}, optional=optional)


_CONDITIONS: list[Plain] = [
    {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    {"StringLike": {"kms:EncryptionContext:x": ["a*", "b"]}},
    {"Bool": {"kms:GrantIsForAWSResource": True}},
    {"Null": {"kms:ViaService": "false"}},
]
_STATEMENTS = _fields(
    {
        "Resource": "*",
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/a"},
    },
    Sid=st.sampled_from(["A", "B c", ""]),
    Condition=st.sampled_from(_CONDITIONS),
).flatmap(lambda fields: st.sampled_from(["Allow", "Deny"]).map(lambda effect: {"Effect": effect, **fields}))
_BASE: Plain = {"Effect": "Allow", "Principal": {"AWS": _ROOT}, "Action": "kms:*", "Resource": "*"}
_DOCUMENTS = st.lists(_STATEMENTS, max_size=3).map(
    lambda more: {
        "Version": "2012-10-17",
        "Statement": [_BASE, *({**each, "Sid": f"S{n}"} for n, each in enumerate(more))],
    }
)
_POLICIES: st.SearchStrategy[Plain] = st.one_of(
    _fields(
        {},
        administrators=_some(_OWN),
        users=_some(_ALL),
        readOnly=_some(_ALL),
        grantors=_some(_OWN),
        accounts=st.just(["444455556666"]),
    ),
    st.one_of(_DOCUMENTS, _DOCUMENTS.map(json.dumps)).map(lambda policy: {"document": policy}),
)
_ROTATIONS: list[Plain] = [
    {"automatic": {}},
    {"automatic": {"periodDays": 2560}},
    {"onDemand": {"serial": 2}},
    {"manual": {"everyDays": 30, "keep": 1}},
    {"none": {"reason": "it is rehearsed"}},
]
_TAGS: list[Plain] = [{}, {"a": ""}, {"A": "1", "a": "x y/z=+@"}, {f"t{number}": "v" for number in range(43)}]
_DELETIONS: list[Plain] = [{"policy": "Schedule", "windowDays": 7}, {"protect": True}]


@st.composite
def _keys(draw: st.DrawFn, name: str) -> Plain:
    usage = draw(st.sampled_from(["ENCRYPT_DECRYPT", *_KINDS]))
    spec = draw(st.sampled_from(_KINDS[usage][0]))
    symmetric = spec == "SYMMETRIC_DEFAULT"
    alias = name.replace(".", "-")
    rotations = _ROTATIONS if symmetric else _ROTATIONS[3:]
    return draw(
        _fields(
            {"keyUsage": usage, "keySpec": spec},
            description=st.sampled_from(["", "in ${aws:region}", 'é😀 "q"', "a\nb", "0123", "on"]),
            multiRegion=st.just(True),
            enabled=st.booleans(),
            aliases=_some([alias, f"{alias}/x", f"alias/{alias}_Y"]),
            policy=_POLICIES,
            rotation=st.sampled_from(rotations),
            tags=st.sampled_from(_TAGS),
            deletion=st.sampled_from(_DELETIONS),
            ignore=st.sampled_from([{"tags": ["a*"]}, {"fields": ["description", "policy"]}]),
            replacement=st.just("NewKey"),
        )
    )


@st.composite
def _grants(draw: st.DrawFn, keys: Mapping[str, Plain]) -> Plain:
    name = draw(st.sampled_from(sorted(keys)))
    operations = [*_KINDS[keys[name]["keyUsage"]][1], "DescribeKey", "RetireGrant"]
    fixed = {"keyRef": {"name": name}, "granteePrincipal": draw(st.sampled_from(_ALL))}
    return draw(_fields({**fixed, "operations": draw(_some(operations))}, retiringPrincipal=st.sampled_from(_ALL)))


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """A file of them."""
    names = draw(st.lists(st.sampled_from(["k1", "k2", "x.y"]), min_size=1, max_size=3, unique=True))
    keys = {name: draw(_keys(name)) for name in names}
    kinds = [("Key", name, spec) for name, spec in keys.items()]
    kinds += [("Grant", f"g{number}", draw(_grants(keys))) for number in range(draw(st.integers(0, 2)))]
    if draw(st.booleans()):
        target = {"name": "lone/alias", "keyRef": {"name": draw(st.sampled_from(names))}}
        kinds.append(("Alias", "lone", target))
    return "---\n".join(_document(*each) for each in draw(st.permutations(kinds)))


def _document(kind: str, name: str, spec: Plain) -> str:
    head = {"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": kind, "metadata": {"name": name}}
    return document({**head, "spec": spec})


_NOISE = [
    *":-[]{}#&*!|>'\"%@`,?\t\n \0\ufeff\u2028",
    "<<: *a",
    "&a ",
    "*a ",
    "---\n",
    "...\n",
    "!!str ",
    "{{",
    "\r",
    "~",
]


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A file of manifests with a few places spoilt."""
    text = draw(manifests())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 20))
        text = text[:at] + draw(st.sampled_from(["", *_NOISE])) + text[at + cut :]
    return text
