"""What the webhook denies, what it warns of, and what it never stands in the way of."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.controller.admission.neighbourhood import serves
from reconciler.controller.admission.review import MalformedReview, review
from reconciler.model.target import Target
from tests.controller.admission.reviews import KEY, KNOWN, NOTHING_KNOWN, TARGETS, a_review, an_object, answer

FAULTY = an_object(spec={"rotation": {"automatic": {"periodDays": 30}}})


def test_a_sound_object_is_allowed_without_a_word():
    assert answer(KEY) == {"uid": "705ab4f5", "allowed": True}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (
            FAULTY,
            "spec.rotation.automatic.periodDays",
            "cannot be 30: it must be from 90 to 2560; change the number",
        ),
        (an_object(spec={"alias": ["x"]}), "spec.alias", None),
        (an_object(spec={"policy": {"users": ["nonsense"]}}), "spec.policy.users[0]", None),
        (an_object(spec={"policy": {"document": "{"}}), "spec.policy.document", None),
        (an_object(spec={"tags": {"kms.reconciler.dev/stack": "x"}}), "spec.tags.kms.reconciler.dev/stack", None),
        (an_object(spec={"tags": {"aws:x": "y"}}), "spec.tags.aws:x", None),
        (an_object(spec={"aliases": ["a", "alias/a"]}), "spec.aliases[1]", None),
        (an_object(spec={"keySpec": "RSA_2048", "keyUsage": "GENERATE_VERIFY_MAC"}), None, None),
        (an_object("Alias", {"name": "aws/x", "keyRef": {"name": "payments"}}), "spec.name", None),
        (an_object("Grant", {"keyRef": {"name": "payments"}, "operations": ["Decrypt"]}), "spec", None),
        (an_object("KeyPolicy", {"users": ["nonsense"]}), "spec.users[0]", None),
        (an_object("Target", {"backend": "aws"}), "spec", None),
        (an_object("CustomKeyStore", {}), "spec", None),
        (an_object("ReplicaKey", {}), "spec", None),
        ({**KEY, "spec": None}, "spec", None),
        ({**KEY, "metadata": "x"}, "metadata", None),
    ],
    ids=[
        "rotation period",
        "misspelt field",
        "policy role",
        "policy document",
        "our own tag",
        "reserved tag",
        "one alias twice",
        "usage of spec",
        "reserved alias",
        "no grantee",
        "shared policy",
        "no region",
        "empty store",
        "empty replica",
        "no spec",
        "metadata of no shape",
    ],
)
def test_a_faulty_object_is_denied_with_the_field_and_the_remedy(body, field, message):
    answered = answer(body)
    status = answered["status"]
    assert answered["allowed"] is False
    assert (status["code"], status["reason"], status["status"]) == (422, "Invalid", "Failure")
    assert status["details"]["group"] == "kms.reconciler.dev"
    cause = status["details"]["causes"][0]
    if field is not None:
        assert cause["field"] == field
        assert f"{field}: {cause['message']}" in status["message"]
    if message is not None:
        assert cause["message"] == message
    assert "-f" not in cause["message"].split()


def test_every_fault_has_a_line_and_a_cause_and_many_are_cut():
    answered = answer(an_object(spec={"tags": {f"aws:{n}": "x" for n in range(30)}}))
    assert len(answered["status"]["details"]["causes"]) == 20
    assert answered["status"]["message"].endswith("\n… and 10 more")
    assert len(answered["status"]["message"].splitlines()) == 21


def test_a_denial_names_the_object_as_kubectl_prints_it():
    details = answer(FAULTY)["status"]["details"]
    assert (details["kind"], details["name"]) == ("Key", "payments")


def test_names_of_strangers_are_made_printable():
    text = json.dumps(answer(an_object(spec={"x\x1b[31m": 1}, name="\x1b[31m")), ensure_ascii=False)
    assert "\x1b" not in text


class TestNeverInTheWay:
    """Of what the webhook must not stop, however faulty the object is."""

    @pytest.mark.parametrize("operation", ["DELETE", "CONNECT"])
    def test_other_operations_are_allowed(self, operation):
        assert answer(None, FAULTY, operation=operation)["allowed"]

    def test_an_object_that_is_being_deleted_may_change_in_any_way(self):
        going = an_object(spec=FAULTY["spec"], deletionTimestamp="2026-11-22T12:00:00Z")
        assert answer(going, KEY) == {"uid": "705ab4f5", "allowed": True}

    @pytest.mark.parametrize(
        "change",
        [{"finalizers": ["kms.reconciler.dev/finalizer"]}, {"labels": {"a": "b"}}, {"annotations": {"other": "x"}}],
        ids=["finalizer", "label", "annotation"],
    )
    def test_changes_beside_the_spec_are_allowed(self, change):
        assert answer(an_object(spec=FAULTY["spec"], **change), FAULTY) == {"uid": "705ab4f5", "allowed": True}

    def test_a_status_is_not_judged(self):
        assert answer({**FAULTY, "status": {"x": 1}}, KEY, subResource="status")["allowed"]
        assert answer({**FAULTY, "status": {"x": 1}}, FAULTY)["allowed"]

    @pytest.mark.parametrize(
        "body",
        [{**KEY, "apiVersion": "kms.reconciler.dev/v1"}, {**KEY, "kind": "Hsm"}, {**KEY, "apiVersion": "v1"}],
        ids=["newer version", "newer kind", "another group"],
    )
    def test_versions_and_kinds_of_other_releases_are_allowed_with_a_warning(self, body):
        answered = answer({**body, "spec": {"anything": 1}})
        assert answered["allowed"]
        assert "does not know" in answered["warnings"][0]

    def test_a_spec_that_is_mended_and_one_that_is_broken_are_told_apart(self):
        assert answer(KEY, FAULTY)["allowed"]
        assert not answer(FAULTY, KEY)["allowed"]


class TestReferences:
    """To objects that may come later."""

    ALIAS = an_object("Alias", {"name": "x", "keyRef": {"name": "orders"}})

    def test_an_object_that_is_not_there_yet_is_a_warning(self):
        assert answer(self.ALIAS) == {
            "uid": "705ab4f5",
            "allowed": True,
            "warnings": ["Alias/payments: there is no Key orders yet; nothing is done before there is"],
        }

    def test_one_that_is_there_is_none(self):
        assert "warnings" not in answer(an_object("Alias", {"name": "x", "keyRef": {"name": "payments"}}))

    def test_nothing_is_said_of_objects_that_were_not_listed_yet(self):
        assert answer(self.ALIAS, known=NOTHING_KNOWN) == {"uid": "705ab4f5", "allowed": True}

    def test_a_target_that_is_not_there_yet_is_a_warning(self):
        told = answer(an_object(spec={"targetRef": {"name": "eu"}}))["warnings"]
        assert told == ["Key/payments: there is no Target eu yet; nothing is done before there is"]

    def test_an_error_beside_a_missing_reference_denies_and_warns(self):
        answered = answer(an_object("Alias", {"name": "aws/x", "keyRef": {"name": "orders"}}))
        assert not answered["allowed"]

    def test_what_the_target_is_counts_in_the_checks(self):
        role = "arn:aws-cn:iam::111122223333:role/x"
        answered = answer(an_object(spec={"policy": {"users": [role]}}))
        assert answered["status"]["details"]["causes"][0]["field"] == "spec.policy.users[0]"
        assert answer(an_object(spec={"policy": {"users": [role]}}), known=NOTHING_KNOWN)["allowed"]


class TestTargets:
    """Which namespaces they serve."""

    @pytest.mark.parametrize(
        ("namespace", "spec", "warned"),
        [
            ("shop", {}, False),
            ("team-a", {}, False),
            ("other", {}, True),
            ("shop", {"targetRef": {"name": "closed"}}, True),
        ],
        ids=["named", "pattern", "not listed", "nobody listed"],
    )
    def test_a_namespace_that_the_target_does_not_serve_is_warned_about(self, namespace, spec, warned):
        answered = answer(an_object(spec=spec, namespace=namespace))
        assert answered["allowed"]
        assert ("warnings" in answered) == warned
        if warned:
            assert f"does not serve the namespace {namespace}" in answered["warnings"][0]

    def test_targets_policies_and_tests_are_on_no_target(self):
        lines = [{"principals": ["*"], "actions": ["Decrypt"]}]
        for body in (
            an_object("Target", {"backend": "local"}, namespace=""),
            an_object("KeyPolicy", {"users": []}),
            an_object("AccessTest", {"allKeys": True, "mustDeny": lines}),
        ):
            body["metadata"]["namespace"] = "other"
            assert "warnings" not in answer(body)

    def test_of_a_target_that_nobody_knows_nothing_is_said(self):
        assert "warnings" not in answer(an_object(namespace="other"), known=NOTHING_KNOWN)

    @pytest.mark.parametrize(
        ("patterns", "served"),
        [((), False), (("*",), True), (("shop",), True), (("sho?",), True), (("[s]hop",), False), (("Shop",), False)],
        ids=["none", "all", "name", "one character", "no brackets", "case counts"],
    )
    def test_names_and_patterns_are_matched_as_a_whole(self, patterns, served):
        assert serves(Target(allowed_namespaces=patterns), "shop") == served


class TestAnnotations:
    """That ask for nothing as they are written."""

    @pytest.mark.parametrize(
        ("annotations", "told"),
        [
            ({"kms.reconciler.dev/pause": "true"}, "does nothing; did you mean kms.reconciler.dev/paused?"),
            ({"kms.reconciler.dev/zzz-zzz-zzz": "x"}, "zzz-zzz-zzz does nothing"),
            ({"kms.reconciler.dev/deletion-policy": "retain"}, "it can be Retain, Schedule, Delete"),
            ({"kms.reconciler.dev/paused": "yes"}, "it can be true, false"),
        ],
        ids=["misspelt", "unknown", "wrong case", "wrong value"],
    )
    @pytest.mark.parametrize("old", [None, KEY], ids=["new object", "annotated"])
    def test_a_person_is_warned(self, annotations, told, old):
        answered = answer(an_object(annotations=annotations), old)
        assert answered["allowed"]
        assert told in answered["warnings"][0]

    @pytest.mark.parametrize(
        "annotations",
        [{"kms.reconciler.dev/paused": "true"}, {"kms.reconciler.dev/allow": "key-in-use"}, {"x": "y"}, None, "x"],
        ids=["paused", "allow", "of others", "none", "of no shape"],
    )
    def test_what_is_understood_is_no_warning(self, annotations):
        assert "warnings" not in answer(an_object(annotations=annotations), KEY)

    def test_an_old_annotation_is_not_told_again(self):
        old = an_object(annotations={"kms.reconciler.dev/zzz": "x"})
        assert "warnings" not in answer(an_object(annotations={"kms.reconciler.dev/zzz": "x"}, labels={"a": "b"}), old)


def test_warnings_are_short():
    answered = answer(an_object("Alias", {"name": "x", "keyRef": {"name": "o" * 253}}))
    assert all(len(warning) <= 256 for warning in answered["warnings"])


def test_an_object_whose_name_the_server_will_make_up_is_judged():
    body = an_object()
    del body["metadata"]["name"]
    body["metadata"]["generateName"] = "payments-"
    assert answer(body)["allowed"]


def test_a_review_changes_nothing_that_it_was_given():
    body = a_review(copy.deepcopy(FAULTY))
    before = copy.deepcopy(body)
    review(body, KNOWN)
    review(body, KNOWN)
    assert body == before


def test_a_dry_run_is_answered_like_any_other():
    assert answer(FAULTY, dryRun=True) == answer(FAULTY)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {}},
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"},
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1"}},
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "", "kind": {}}},
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": 1, "kind": {}}},
        a_review(KEY, object=[1]),
        a_review(KEY, oldObject="x"),
        a_review(KEY, namespace=1),
    ],
    ids=str,
)
def test_what_is_no_review_is_said_to_be_none(body):
    with pytest.raises(MalformedReview):
        review(body, KNOWN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["spec", "metadata", "name", "policy", "document", "keyRef", "tags", "aliases", "rotation"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.sampled_from(["Key", "ReplicaKey", "Alias", "KeyPolicy", "Grant", "CustomKeyStore", "Target", "x"]),
    st.dictionaries(st.sampled_from(["metadata", "spec", "status"]), JSON),
)
def test_no_object_makes_a_fault(kind, fields):
    body = {"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": kind, **fields}
    request = a_review({**KEY, "kind": kind})
    request["request"]["object"] = body
    answered = review(request, KNOWN)["response"]
    assert answered["allowed"] or answered["status"]["message"]
    assert json.dumps(answered)


def test_the_targets_of_the_sample_are_what_they_are_called():
    assert {name: target.name for name, target in TARGETS.items()} == {"default": "default", "closed": "closed"}
