"""The identities file: what it means, what is wrong with it, and that it may change."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.diagnostics import Severity
from reconciler.kit.errors import InvalidInput, KmsError
from reconciler.manifest.schemas import schema_of
from reconciler.workflow.access.iam import of_declared
from reconciler.workflow.identities import FileIdentities, read_identities
from reconciler.workflow.identities.read import parse_identities

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "identities" / "identities.yaml"
ALICE = "arn:aws:iam::111122223333:user/platform/alice"
DEPLOYER = "arn:aws:iam::444455556666:user/deployer"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEY = f"{{id: AKIAIOSFODNN7EXAMPLE, secret: {SECRET}}}"


@pytest.fixture
def clock():
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


def faults_of(text):
    with pytest.raises(InvalidInput) as caught:
        parse_identities(text, "identities.yaml")
    return caught.value.diagnostics


def test_the_example_declares_what_its_comments_say():
    identities = read_identities(EXAMPLE).identities
    payments = identities.accounts["111122223333"]
    assert (payments.alias, payments.organization_id) == ("payments", "o-exampleorgid")
    alice, orders = payments.users["alice"], payments.roles["orders"]
    assert alice.arn == ALICE
    assert [policy.name for policy in (*alice.policies, alice.boundary)] == ["manage-keys", "only-kms"]
    assert orders.arn == "arn:aws:iam::111122223333:role/orders"
    assert (orders.max_session, dict(orders.tags)) == (7200, {"team": "orders"})
    assert identities.access_keys["AKIAIOSFODNN7EXAMPLE"].principal == ALICE
    assert identities.access_keys["AKIAS3SERVICEEXAMPLE"].principal == "s3.amazonaws.com"


def test_the_example_starts_with_the_line_that_editors_read():
    first = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert (EXAMPLE.parent / schema).resolve() == ROOT / "schemas" / "identities.schema.json"


def test_the_example_of_the_schema_is_valid():
    schema = schema_of("identities")
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)


def fields(schema):
    """The name of every field in a schema."""
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from fields(inner)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from fields(schema[keyword])


def test_the_page_about_identities_has_every_field():
    page = (ROOT / "docs" / "identities.md").read_text(encoding="utf-8")
    assert [
        name for name in fields(schema_of("identities")) if f"{name}`" not in page and f".{name}." not in page
    ] == []


def test_an_empty_file_is_nobody():
    assert dict(parse_identities("", "f").accounts) == {}
    assert dict(parse_identities("accounts: {}", "f").access_keys) == {}


def test_what_is_not_said_has_its_default():
    text = f"""
accounts:
  "111122223333":
    users: {{bob: {{}}}}
    roles: {{app: {{trust: '{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}}}'}}}}
  "444455556666": {{partition: aws-cn, root: {{accessKeys: [{KEY}]}}}}
"""
    identities = parse_identities(text, "f")
    bob = identities.accounts["111122223333"].users["bob"]
    assert (bob.arn, bob.policies, bob.boundary) == ("arn:aws:iam::111122223333:user/bob", (), None)
    assert identities.accounts["111122223333"].roles["app"].max_session == 3600
    assert identities.access_keys["AKIAIOSFODNN7EXAMPLE"].principal == "arn:aws-cn:iam::444455556666:root"


def test_an_organisation_limits_an_account_by_levels_and_its_keys_at_once():
    text = """
policies:
  keys-stay: {Statement: {Effect: Deny, Action: "kms:ScheduleKeyDeletion", Resource: "*"}}
accounts:
  "111122223333":
    serviceControlPolicies:
      - [FullAWSAccess]
      - [FullAWSAccess, keys-stay]
      - [{Statement: {Effect: Allow, Action: "kms:*", Resource: "*"}}]
    resourceControlPolicies: [{Statement: {Effect: Deny, Principal: "*", Action: "kms:*", Resource: "*"}}]
"""
    account = parse_identities(text, "f").accounts["111122223333"]
    assert [[one.name for one in level] for level in account.service_control] == [
        ["FullAWSAccess"],
        ["FullAWSAccess", "keys-stay"],
        ["policy 1 of level 3"],
    ]
    assert [one.name for one in account.resource_control] == ["resource control policy 1"]
    known = of_declared(parse_identities(text, "f")).guardrails["111122223333"]
    assert (known.service_control, known.resource_control) == (account.service_control, account.resource_control)


TRUST = "{Statement: {Effect: Allow, Principal: '*', Action: sts:AssumeRole}}"
ALLOWS = "{Statement: {Effect: Allow, Principal: '*', Action: '*', Resource: '*'}}"
WRONG = {
    "unknown field": (
        "accounts: {'111122223333': {user: {}}}",
        [("unknown-field", 1, 29)],
        "did you mean `users`?",
    ),
    "unknown section": ("account: {}", [("unknown-field", 1, 1)], "did you mean `accounts`?"),
    "no service control policy of that name": (
        "accounts: {'111122223333': {serviceControlPolicies: [[FullAWSAcess]]}}",
        [("dangling-policy", 1, 55)],
        "declare it under `policies`",
    ),
    "a resource control policy that allows": (
        f"accounts: {{'111122223333': {{resourceControlPolicies: [{ALLOWS}]}}}}",
        [("invalid-policy", 1, 67)],
        "Deny",
    ),
    "no account id": ("accounts: {'1234': {}}", [("invalid-account-id", 1, 12)], "twelve digits"),
    "no service": ("services: {s3: {}}", [("invalid-service", 1, 12)], "s3.amazonaws.com"),
    "no user name": (
        "accounts: {'111122223333': {users: {'a b': {}}}}",
        [("invalid-name", 1, 37)],
        "1 to 64",
    ),
    "no role name": (
        f"accounts: {{'111122223333': {{roles: {{'a/b': {{trust: {TRUST}}}}}}}}}",
        [("invalid-name", 1, 37)],
        "choose another name",
    ),
    "a role without trust": ("accounts: {'111122223333': {roles: {app: {}}}}", [("missing-field", 1, 37)], "trust"),
    "an access key twice": (
        f"services:\n  s3.amazonaws.com: {{accessKeys: [{KEY}]}}\n  logs.amazonaws.com: {{accessKeys: [{KEY}]}}",
        [("duplicate-access-key", 3, 42)],
        "that of s3.amazonaws.com",
    ),
    "a policy that is not there": (
        (
            "policies: {admin: {Statement: {Effect: Allow, Action: '*', Resource: '*'}}}\n"
            "accounts: {'111122223333': {users: {bob: {policies: [admn]}}}}"
        ),
        [("dangling-policy", 2, 54)],
        "did you mean admin?",
    ),
    "a boundary that is not there": (
        "accounts: {'111122223333': {users: {bob: {boundary: none}}}}",
        [("dangling-policy", 1, 53)],
        "declare it under `policies`",
    ),
    "a policy with a fault": (
        "policies:\n  admin:\n    Statement:\n      - {Effect: allow, Action: '*', Resource: '*'}",
        [("invalid-policy", 4, 18)],
        "write Allow or Deny",
    ),
    "an identity policy with a principal": (
        "policies: {a: {Statement: {Effect: Allow, Principal: '*', Action: '*', Resource: '*'}}}",
        [("invalid-policy", 1, 54)],
        "Principal",
    ),
    "a policy as text with a fault": (
        "accounts: {'111122223333': {users: {bob: {policies: ['{\"Statement\": 1}']}}}}",
        [("invalid-policy", 1, 54)],
        "expected an object",
    ),
    "a trust policy with a resource": (
        (
            "accounts:\n  '111122223333':\n    roles:\n      app:\n"
            "        trust: {Statement: {Effect: Allow, Principal: '*', Action: sts:AssumeRole, Resource: '*'}}"
        ),
        [("invalid-policy", 5, 94)],
        "Resource",
    ),
    "two documents": ("accounts: {}\n---\nservices: {}", [("several-documents", 3, 1)], "merge it"),
    "no YAML": ("accounts: [", [("invalid-yaml", 1, 12)], "YAML"),
    "a user twice": (
        "accounts: {'111122223333': {users: {bob: {}, bob: {}}}}",
        [("duplicate-yaml-key", 1, 46)],
        "silently win",
    ),
    "too long a session": (
        f"accounts: {{'111122223333': {{roles: {{app: {{maxSessionSeconds: 60, trust: {TRUST}}}}}}}}}",
        [("out-of-range", 1, 62)],
        "from 3600 to 43200",
    ),
}
"""Text, diagnostics with line and column, and words that they say."""


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_place_and_what_to_do(case):
    text, places, words = WRONG[case]
    faults = faults_of(text)
    assert [(fault.name, fault.position.line, fault.position.column) for fault in faults] == places
    assert all(words in f"{fault.what} {fault.why} {fault.fix}" for fault in faults)


def test_everything_that_is_wrong_is_told_at_once():
    faults = faults_of("accounts: {'1': {users: {'a b': {policies: [x]}}}}\nservices: {s3: {}}")
    names = ["invalid-account-id", "invalid-name", "dangling-policy", "invalid-service"]
    assert [fault.name for fault in faults] == names


@pytest.mark.parametrize(
    "text",
    [
        "services: {s3.amazonaws.com: {accessKeys: [{id: AKIAIOSFODNN7EXAMPLE, secret: 'hidden secret'}]}}",
        "services: {s3.amazonaws.com: {accessKeys: [{id: AKIAIOSFODNN7EXAMPLE, secret: 4711471147114711}]}}",
        "services: {s3.amazonaws.com: {accessKeys: 'hidden secret'}}",
        "services: {s3.amazonaws.com: {accessKeys: ['hidden secret']}}",
    ],
    ids=["misspelt", "number", "no list", "no mapping"],
)
def test_no_diagnostic_repeats_a_secret(text):
    for fault in faults_of(text):
        told = f"{fault.what} {fault.why} {fault.fix}"
        assert "hidden" not in told
        assert "4711" not in told


def test_no_representation_shows_a_secret():
    identities = read_identities(EXAMPLE).identities
    assert not any(key.secret in repr(identities) for key in identities.access_keys.values())


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True), (0o400, False)])
def test_a_file_that_others_can_read_is_warned_of(tmp_path, mode, warned):
    file = tmp_path / "identities.yaml"
    file.write_text("accounts: {}", encoding="utf-8")
    file.chmod(mode)
    warnings = read_identities(file).warnings
    assert [(one.name, one.severity) for one in warnings] == [("readable-by-others", Severity.WARNING)] * warned


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda path: None, "file-not-found"),
        (lambda path: path.mkdir(), "unreadable-file"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "not-utf-8"),
    ],
    ids=["missing", "folder", "other encoding"],
)
def test_a_file_that_cannot_be_read_is_an_error(tmp_path, make, name):
    make(tmp_path / "f.yaml")
    with pytest.raises(InvalidInput) as caught:
        read_identities(tmp_path / "f.yaml")
    assert [fault.name for fault in caught.value.diagnostics] == [name]


class Changing:
    """A file that is written at will, and what is reported of it."""

    def __init__(self, path, clock):
        self.path, self.clock, self.told = path, clock, []
        self.written = 0

    def write(self, text):
        self.path.write_text(text, encoding="utf-8")
        self.path.chmod(0o600)
        self.written += 1
        os.utime(self.path, ns=(self.written, self.written))

    def source(self):
        return FileIdentities(self.path, self.clock, self.told.extend)


@pytest.fixture
def file(tmp_path, clock):
    changing = Changing(tmp_path / "identities.yaml", clock)
    changing.write("accounts: {'111122223333': {users: {bob: {}}}}")
    return changing


def test_a_changed_file_counts_within_a_second_and_not_before(file, clock):
    source = file.source()
    before = source.current()
    file.write("accounts: {'111122223333': {users: {eve: {}}}}")
    assert source.current() is before
    clock.sleep(1)
    assert list(source.current().accounts["111122223333"].users) == ["eve"]
    assert source.current() is source.current()


def test_a_file_that_did_not_change_is_not_read_again(file, clock):
    source = file.source()
    before = source.current()
    clock.sleep(10)
    assert source.current() is before


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_text("accounts: [")])
def test_a_bad_new_file_leaves_the_old_identities_and_is_reported_once(file, clock, spoil):
    source = file.source()
    before = source.current()
    spoil(file.path)
    for _ in range(3):
        clock.sleep(1)
        assert source.current() is before
    assert len(file.told) == 1
    file.write("accounts: {'444455556666': {}}")
    clock.sleep(1)
    assert list(source.current().accounts) == ["444455556666"]


def test_an_open_file_is_reported_when_it_is_read(file):
    file.path.chmod(0o644)
    file.source()
    assert [one.name for one in file.told] == ["readable-by-others"]


def test_a_policy_that_is_taken_away_counts_for_the_next_call(file, clock, tmp_path):
    policy = "{Statement: {Effect: Allow, Action: kms:*, Resource: '*'}}"
    file.write(f"accounts: {{'444455556666': {{users: {{deployer: {{policies: [{policy}]}}}}}}}}")
    with Engine.open(tmp_path / "data", clock=clock, identities=file.source()) as engine:
        kms = engine.client(principal=DEPLOYER)
        kms("ListKeys", {})
        file.write("accounts: {'444455556666': {users: {deployer: {}}}}")
        clock.sleep(1)
        with pytest.raises(KmsError, match="no identity-based policy allows the kms:ListKeys action"):
            kms("ListKeys", {})
