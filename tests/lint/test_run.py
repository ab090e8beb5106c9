"""Positions, settings and suppressions; and the tables of checks."""

from __future__ import annotations

import pytest

from reconciler.kit.diagnostics import Position
from reconciler.lint import IdentitySubject, Settings, Severity, checks, lint
from reconciler.lint.check import read_checks
from reconciler.lint.registry import merged, require
from reconciler.model.address import Address, Kind
from reconciler.model.suppression import Suppression
from tests.lint.build import declared, grant, manifest, policy, subject

OPEN = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
KEY = Address(Kind.KEY, "reports")
PLACE = Position("keys.yaml", 3)
STATEMENT = Position("keys.yaml", 20, 9)


def public(**fields):
    """A public key, its statements at lines 10 and 20."""
    return subject(
        address=KEY,
        position=PLACE,
        policy=policy(OPEN),
        statement_positions=(Position("keys.yaml", 10), STATEMENT),
        **fields,
    )


def setting_aside(check="KC201", reason="a demonstration", line=20, lines=None, resource=None):
    position = Position("keys.yaml", line, 30)
    return Suppression(check, reason, position, lines or (line, line), resource)


def only(*args, **kwargs):
    (found,) = lint(*args, **kwargs)
    return found


def test_a_finding_in_a_policy_stands_at_its_statement():
    found = only([public()])
    assert (found.check.id, found.position, found.path) == ("KC201", STATEMENT, ("Statement", 1))
    assert (found.resource, found.address, found.counts) == ("Key/reports", KEY, True)


def test_a_finding_about_a_field_stands_at_its_manifest():
    found = only([subject(address=KEY, position=PLACE, tags={})])
    assert (found.check.id, found.position, found.path) == ("KC507", PLACE, ("spec", "tags"))


def test_a_finding_about_a_grant_stands_at_the_grant():
    one = grant(operations=["Verify"])
    address, place = Address(Kind.GRANT, "batch"), Position("grants.yaml", 7)
    one = type(one)(one.resource, one.terms, address, place)
    found = only([subject(address=KEY, position=PLACE, grants=(one,))])
    assert (found.check.id, found.resource, found.address, found.position) == ("KC309", "Grant/batch", address, place)
    assert found.path == ("spec",)


def test_whoever_knows_better_says_where():
    asked = []

    def locate(address, path):
        asked.append((address, path))
        return Position("keys.yaml", 22)

    assert only([public()], locate=locate).position == Position("keys.yaml", 22)
    assert asked == [(KEY, ("Statement", 1))]


def test_what_nobody_can_locate_stands_at_its_statement():
    assert only([public()], locate=lambda address, path: None).position == STATEMENT


def test_findings_of_what_has_no_file_have_no_position_and_come_last():
    found = lint([subject(tags={}), public()])
    assert [one.position for one in found] == [STATEMENT, None]


def test_what_is_declared_more_exactly_than_a_finding_is_its_fix():
    text = policy({**OPEN, "Principal": {"AWS": "111122223333"}, "Action": "kms:Decryp"})
    assert only([subject(policy=text)]).fix == "did you mean kms:Decrypt?"
    assert only([public()]).fix == checks()["KC201"].fix


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(setting_aside(), id="the line of the statement"),
        pytest.param(setting_aside(line=2, lines=(1, 30)), id="all lines of the manifest"),
        pytest.param(setting_aside(line=2, lines=(1, 1), resource="Key/reports"), id="the manifest's annotation"),
    ],
)
def test_a_finding_is_set_aside(one):
    found = only([public()], suppressions=[one])
    assert (found.suppressed, found.counts) == ("a demonstration", False)


def test_an_annotation_is_about_a_key_whatever_its_target():
    found = only(
        [public(resource="Key/reports@eu")], suppressions=[setting_aside(lines=(1, 1), resource="Key/reports")]
    )
    assert not found.counts


def test_the_annotation_of_a_key_is_about_its_grants():
    key = subject(address=KEY, grants=(grant(operations=["Verify"]),))
    assert not only([key], suppressions=[setting_aside("KC309", lines=(1, 1), resource="Key/reports")]).counts


def test_a_comment_at_the_statement_counts_where_a_finding_stands_further_down():
    found = only([public()], suppressions=[setting_aside()], locate=lambda address, path: Position("keys.yaml", 24))
    assert not found.counts


@pytest.mark.parametrize(
    ("one", "check", "what"),
    [
        pytest.param(setting_aside(line=21), "KC902", "KC201 is set aside where it finds nothing", id="another line"),
        pytest.param(setting_aside("KC202"), "KC902", "KC202 is set aside where it finds nothing", id="another check"),
        pytest.param(
            setting_aside(reason=""), "KC903", "nobody says why KC201 is set aside, so it is not", id="no reason"
        ),
        pytest.param(setting_aside("KC2001"), "KC901", "there is no check KC2001", id="no check"),
        pytest.param(setting_aside(""), "KC901", "no check is named", id="nothing"),
        pytest.param(setting_aside("\x1b[31m"), "KC901", "there is no check \\x1b[31m", id="hostile"),
    ],
)
def test_what_sets_nothing_aside_is_a_finding_itself(one, check, what):
    public_key, about = lint([public()], suppressions=[one])
    assert public_key.counts
    assert (about.check.id, about.what, about.position) == (check, what, one.position)


def test_a_check_that_there_is_not_is_told_with_the_nearest():
    *_, found = lint([], suppressions=[setting_aside("KC2O1")])
    assert found.fix.startswith("did you mean KC2")


def test_another_file_is_another_file():
    one = Suppression("KC201", "a", Position("others.yaml", 20), (20, 20))
    assert [found.check.id for found in lint([public()], suppressions=[one])] == ["KC201", "KC902"]


def test_a_directory_sets_checks_aside_and_changes_their_severity():
    settings = Settings({"KC507": "billed to nobody"}, {"KC201": Severity.WARNING})
    found = lint([public(tags={})], settings=settings)
    assert {(one.check.id, one.severity, one.suppressed) for one in found} == {
        ("KC201", Severity.WARNING, None),
        ("KC507", Severity.NOTE, "billed to nobody"),
    }


def test_a_suppression_of_what_a_directory_ignores_is_not_unused():
    found = lint([], suppressions=[setting_aside()], settings=Settings({"KC201": "a"}))
    assert found == ()


def test_the_narrower_reason_is_told():
    found = only([public()], suppressions=[setting_aside()], settings=Settings({"KC201": "everywhere"}))
    assert found.suppressed == "a demonstration"


def test_the_reason_in_a_manifest_sets_a_finding_aside():
    spec = {"rotation": {"none": {"reason": "frozen by contract"}}, "tags": {"a": "b"}, "aliases": ["k"]}
    found = only(declared(manifest("Key", "k", {**spec, "policy": {"administrators": ["role/admin"]}})))
    assert (found.check.id, found.suppressed) == ("KC401", "frozen by contract")
    hmac = {"keySpec": "HMAC_256", **spec, "policy": {"administrators": ["role/admin"]}}
    found = only(declared(manifest("Key", "k", hmac)))
    assert (found.check.id, found.suppressed) == ("KC405", "frozen by contract")


def test_a_policy_of_iam_is_named_and_set_aside_like_a_key():
    one = IdentitySubject(
        "policy/all",
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
        position=STATEMENT,
    )
    found = only([one], suppressions=[setting_aside("KC306")])
    assert (found.resource, found.position, found.suppressed) == ("policy/all", STATEMENT, "a demonstration")


def test_findings_are_the_same_in_any_order_of_keys():
    keys = [public(), subject(resource="Key/a", tags={}), subject(resource="Key/b", aliases=())]
    assert lint(keys) == lint(keys[::-1])


WORDS = {"id": "KC100", "name": "a-check", "severity": "note", "title": "", "why": "", "fix": ""}


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([WORDS], id="an id twice"),
        pytest.param([{**WORDS, "id": "KC101"}], id="a name twice"),
        pytest.param([{**WORDS, "id": "101", "name": "b"}], id="an id that is none"),
        pytest.param([{**WORDS, "id": "KC101", "name": "Two Words"}], id="a name that is none"),
        pytest.param([{**WORDS, "id": "KC101", "name": "b", "severity": "fatal"}], id="a severity that is none"),
    ],
)
def test_checks_that_are_described_twice_or_wrongly_are_refused(others):
    with pytest.raises(ValueError, match=r"twice|no name|fatal"):
        read_checks({"checks": [WORDS, *others]})


def test_checks_with_two_pieces_of_code_are_refused():
    with pytest.raises(ValueError, match="KC100 has two"):
        merged([{"KC100": lambda one: iter(())}, {"KC100": lambda one: iter(())}])


def test_checks_without_words_or_code_are_refused():
    with pytest.raises(ValueError, match="KC100, KC102"):
        require(["KC100", "KC101"], ["KC101", "KC102"])


def test_checks_are_in_the_order_of_their_ids_and_name_their_pages():
    assert list(checks()) == sorted(checks())
    assert checks()["KC201"].page == "docs/lint/KC201.md"


ASKED = {
    "Security Hub": {"KMS.1", "KMS.2", "KMS.3", "KMS.4", "KMS.5"},
    "CIS AWS Foundations": {"v1.4 3.8", "v3.0 3.6", "v5.0 3.6"},
    "AWS Config": {
        "cmk-backing-key-rotation-enabled",
        "kms-cmk-not-scheduled-for-deletion",
        "kms-key-policy-no-public-access",
        "kms-key-tagged",
    },
    "Control Tower": {"CT.KMS.PR.1", "CT.KMS.PR.2", "CT.KMS.PR.3"},
    "Checkov": {"CKV_AWS_7", "CKV_AWS_33", "CKV_AWS_227", "CKV2_AWS_64"},
    "Prowler": {
        "kms_cmk_rotation_enabled",
        "kms_cmk_not_multi_region",
        "kms_key_not_publicly_accessible",
        "kms_cmk_are_used",
        "kms_cmk_not_deleted_unintentionally",
    },
}


@pytest.mark.parametrize("framework", ASKED)
def test_what_a_framework_asks_of_keys_is_answered(framework):
    answered = {each for one in checks().values() for each in one.frameworks.get(framework, ())}
    assert ASKED[framework] <= answered
