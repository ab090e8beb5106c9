"""What is found in one object of a cluster, with what it refers to."""

from __future__ import annotations

import pytest

from reconciler.lint import Severity, checks, lint, subjects_of
from reconciler.lint.families import SLOW
from reconciler.manifest.desire import desire
from reconciler.manifest.documents import Document, Manifests
from reconciler.manifest.objects import read_object
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account
from reconciler.model.target import Target
from reconciler.workflow.lint.objects import Case, errors_in, findings_in

ROOT = {"Effect": "Allow", "Principal": {"AWS": "${aws:accountId}"}, "Action": "kms:*", "Resource": "*"}
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
OPEN = {"document": {"Version": "2012-10-17", "Statement": [ROOT, EVERYBODY]}}
IGNORE = "kms.reconciler.dev/lint-ignore"


def document(kind, name, spec, **annotations) -> Document:
    metadata = {"name": name, **({"annotations": annotations["annotations"]} if annotations else {})}
    body = {"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    read = read_object(body, file=f"{kind}/{name}")
    assert isinstance(read, Document), read
    return read


def ids(found):
    return [one.check.id for one in found]


def test_an_error_of_a_key_is_found():
    assert ids(errors_in(Case((document("Key", "orders", {"policy": OPEN}),)))) == ["KC201"]


def test_warnings_and_notes_are_findings_and_no_errors():
    case = Case((document("Key", "orders", {}),))
    assert errors_in(case) == ()
    assert {one.severity for one in findings_in(case)} == {Severity.WARNING, Severity.NOTE}


def test_of_a_shared_policy_only_what_stands_in_it_is_told():
    found = findings_in(Case((document("KeyPolicy", "house", OPEN),)))
    assert "KC201" in ids(found)
    assert not {"KC401", "KC507", "KC508"} & set(ids(found))


def test_a_shared_policy_may_be_for_any_kind_of_key():
    signer = {"Effect": "Allow", "Principal": {"AWS": "${aws:accountId}"}, "Action": "kms:Sign", "Resource": "*"}
    policy = {"document": {"Version": "2012-10-17", "Statement": [ROOT, signer]}}
    assert "KC112" not in ids(findings_in(Case((document("KeyPolicy", "house", policy),))))
    assert "KC112" in ids(findings_in(Case((document("Key", "orders", {"policy": policy}),))))


def test_of_a_policy_that_is_elsewhere_and_not_known_nothing_is_told():
    found = findings_in(Case((document("Key", "orders", {"policyRef": {"name": "house"}}),)))
    assert not [one for one in ids(found) if one.startswith(("KC1", "KC2", "KC3"))]
    assert "KC509" not in ids(found)


def test_a_policy_that_is_elsewhere_and_known_is_looked_at():
    case = Case((document("Key", "orders", {"policyRef": {"name": "house"}}), document("KeyPolicy", "house", OPEN)))
    (error,) = errors_in(case)
    assert (error.check.id, error.position.file) == ("KC201", "KeyPolicy/house")


def test_what_is_not_sound_is_not_looked_at():
    assert errors_in(Case((document("Key", "orders", {"policy": {"users": ["nonsense"]}}),))) is None


@pytest.mark.parametrize("told", ["opened", "declared"])
def test_which_account_is_a_strangers_is_known_from_the_target(told):
    """KC206: an account outside of one's own is let in."""
    home = Target(TargetName("home"), backend="aws", account_id="111122223333" if told == "declared" else None)
    spec = {"targetRef": {"name": "home"}, "policy": {"accounts": ["999988887777"]}}
    account = Account("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:role/operator")
    accounts = {TargetName("home"): account} if told == "opened" else {}
    found = findings_in(Case((document("Key", "orders", spec),), {home.name: home}, accounts))
    assert "KC206" in ids(found)


def test_without_an_account_nobody_is_a_stranger():
    spec = {"policy": {"accounts": ["999988887777"]}}
    assert "KC206" not in ids(findings_in(Case((document("Key", "orders", spec),), default_target=RUN_TARGET)))


def test_a_suppression_that_is_wrong_is_told_of_the_object_that_has_it_alone():
    policy = document("KeyPolicy", "house", OPEN, annotations={IGNORE: "KC999: no such check; KC201: published"})
    key = document("Key", "orders", {"policyRef": {"name": "house"}})
    assert "KC901" in ids(findings_in(Case((policy,))))
    found = ids(findings_in(Case((key, policy))))
    assert not {"KC901", "KC201"} & set(found)


def test_slow_checks_are_left_out_and_none_of_them_finds_errors():
    denied = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
    role = {"AWS": "arn:aws:iam::${aws:accountId}:role/app"}
    allowed = {"Effect": "Allow", "Principal": role, "Action": "kms:Encrypt", "Resource": "*"}
    spec = {"policy": {"document": {"Version": "2012-10-17", "Statement": [ROOT, allowed, denied]}}}
    key = document("Key", "orders", spec)
    desired = desire(Manifests((key,), {}, (key.file,)), stack="s", accounts={})
    assert SLOW & set(ids(lint(subjects_of(desired))))
    assert not SLOW & set(ids(findings_in(Case((key,)))))
    assert Severity.ERROR not in {checks()[name].severity for name in SLOW}
