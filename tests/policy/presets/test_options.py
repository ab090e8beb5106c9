"""The options of an entry of `services`: what is wrong with them is told with its place and what to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.policy.document import parse_document, to_json
from reconciler.policy.exposure import is_public
from reconciler.policy.faults import InvalidPolicy
from reconciler.policy.naming import KeyPlace
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.presets import presets
from reconciler.policy.roles import Roles, compile_roles
from tests.policy.presets.scenarios import PLACE, SYMMETRIC, Call, Scenario, allowed, scenarios

TRAIL = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"


def statements(*services, place=PLACE):
    document = compile_roles(Roles(services=services), key=SYMMETRIC, place=place).document
    return {each["Sid"]: each for each in to_json(document)["Statement"]}


def faults_of(*services, key=SYMMETRIC):
    with pytest.raises(InvalidPolicy) as raised:
        compile_roles(Roles(services=services), key=key, place=PLACE)
    return raised.value.faults


WRONG = {
    "no mapping": ("s3", "services[0]", "{service: s3}"),
    "no service": ({}, "services[0].service", "s3"),
    "service of another type": ({"service": 3}, "services[0].service", "s3"),
    "unknown service": ({"service": "dynamo"}, "services[0].service", "did you mean dynamodb?"),
    "unknown option": ({"service": "s3", "bucketKeys": True}, "services[0].bucketKeys", "did you mean bucketKey?"),
    "name": ({"service": "s3", "name": "a b"}, "services[0].name", "letters"),
    "name of another type": ({"service": "s3", "name": 1}, "services[0].name", "letters"),
    "needed": ({"service": "cloudtrail"}, "services[0]", "add sourceArn"),
    "flag": ({"service": "ssm", "advanced": "yes"}, "services[0].advanced", "true or false"),
    "list of other things": ({"service": "s3", "readers": [1]}, "services[0].readers", "[first, second]"),
    "no list": ({"service": "s3", "readers": 1}, "services[0].readers", "[first, second]"),
    "empty list": ({"service": "s3", "principals": []}, "services[0].principals", "leave principals out"),
    "principal": ({"service": "s3", "principals": ["*"]}, "services[0].principals[0]", "everybody is never a role"),
    "no ARN": ({"service": "s3", "sourceArn": "documents"}, "services[0].sourceArn", "arn:aws:s3:::documents"),
    "no ARN of a trail": ({"service": "cloudtrail", "sourceArn": "main"}, "services[0].sourceArn", "trail/main"),
    "ARN in a list": (
        {"service": "s3", "sourceArn": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]},
        "services[0].sourceArn[1]",
        "not of its objects",
    ),
    "ARN of another service": (
        {"service": "sqs", "sourceArn": "arn:aws:sns:us-east-1:111122223333:orders"},
        "services[0].sourceArn",
        "the ARN of a queue",
    ),
    "ARN of another partition": (
        {"service": "s3", "sourceArn": "arn:aws-cn:s3:::documents"},
        "services[0].sourceArn",
        "use ARNs of aws",
    ),
    "ARN of any account": (
        {"service": "sqs", "sourceArn": "arn:aws:sqs:us-east-1:*:orders"},
        "services[0].sourceArn",
        "let every account in",
    ),
    "ARN without an account": (
        {"service": "sqs", "sourceArn": "arn:aws:sqs:us-east-1::orders"},
        "services[0].sourceArn",
        "of one account",
    ),
    "log group with an end": (
        {"service": "logs", "sourceArn": "arn:aws:logs:us-east-1:111122223333:log-group:/app:*"},
        "services[0].sourceArn",
        "without :*",
    ),
    "account": ({"service": "config", "sourceAccount": "1"}, "services[0].sourceAccount", "12-digit"),
    "sender": ({"service": "sns", "senders": ["events"]}, "services[0].senders[0]", "sns.amazonaws.com"),
    "EventBridge as a sender to topics": (
        {"service": "sns", "senders": ["events.amazonaws.com"]},
        "services[0].senders[0]",
        "events: true",
    ),
    "option without another": (
        {"service": "sqs", "senderArn": "arn:aws:sns:us-east-1:111122223333:orders"},
        "services[0].senderArn",
        "add senders",
    ),
    "Bucket Key of no bucket": ({"service": "s3", "bucketKey": True}, "services[0].bucketKey", "add sourceArn"),
    "table": ({"service": "dynamodb", "tables": ["a*b"]}, "services[0].tables[0]", "the name of a table"),
}


@pytest.mark.parametrize(("entry", "path", "fix"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_an_entry_is_told_with_its_place_and_what_to_do(entry, path, fix):
    (fault,) = faults_of(entry)
    assert fault.path == path
    assert fix in fault.fix


@pytest.mark.parametrize(
    "key",
    [
        KeyTraits("GENERATE_VERIFY_MAC", "HMAC_256"),
        KeyTraits("SIGN_VERIFY", "ECC_NIST_P256"),
        KeyTraits("ENCRYPT_DECRYPT", "RSA_2048"),
    ],
    ids=lambda key: key.spec,
)
def test_no_service_can_use_another_than_a_symmetric_encryption_key(key):
    (fault,) = faults_of({"service": "s3"}, key=key)
    assert (fault.path, fault.what) == ("services[0].service", f"s3 cannot use a key of {key.spec}")


def test_a_service_twice_needs_two_names():
    (fault,) = faults_of({"service": "s3"}, {"service": "ebs"}, {"service": "s3"})
    assert (fault.path, fault.what) == ("services[2].name", "s3 is that of services[0] too")
    assert {"AllowS3", "AllowS3-b"} <= statements({"service": "s3"}, {"service": "s3", "name": "b"}).keys()


def test_a_condition_that_was_asked_for_is_never_left_out_because_its_values_are_wrong():
    assert faults_of({"service": "s3", "sourceArn": []})


def test_callers_may_be_of_several_accounts_and_everybody_is_of_the_keys_own():
    found = statements({"service": "s3", "principals": ["444455556666", "role/app"]})["AllowS3"]
    assert found["Principal"] == {"AWS": ["arn:aws:iam::111122223333:role/app", "arn:aws:iam::444455556666:root"]}
    assert found["Condition"] == {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    everybody = statements({"service": "s3"})["AllowS3"]
    assert everybody["Principal"] == {"AWS": "*"}
    assert everybody["Condition"]["StringEquals"]["kms:CallerAccount"] == "111122223333"


@pytest.mark.parametrize(
    ("place", "service", "logs"),
    [
        (
            KeyPlace("111122223333", "aws-cn", "cn-north-1"),
            ["s3.cn-north-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn"],
            "logs.cn-north-1.amazonaws.com.cn",
        ),
        (
            KeyPlace("111122223333", "aws-us-gov", "us-gov-west-1"),
            "s3.us-gov-west-1.amazonaws.com",
            "logs.us-gov-west-1.amazonaws.com",
        ),
        (
            KeyPlace("111122223333", "aws-iso", "us-iso-east-1"),
            ["s3.us-iso-east-1.amazonaws.com", "s3.us-iso-east-1.c2s.ic.gov"],
            "logs.us-iso-east-1.c2s.ic.gov",
        ),
    ],
    ids=["China", "GovCloud", "isolated"],
)
def test_names_of_services_are_those_of_the_partition(place, service, logs):
    found = statements({"service": "s3"}, {"service": "logs"}, place=place)
    assert found["AllowS3"]["Condition"]["StringEquals"]["kms:ViaService"] == service
    assert found["AllowCloudWatchLogs"]["Principal"] == {"Service": logs}
    assert found["EnableIamUserPermissions"]["Principal"]["AWS"] == f"arn:{place.partition}:iam::111122223333:root"


def test_a_policy_variable_in_an_arn_is_left_to_iam():
    found = statements({"service": "s3", "sourceArn": "arn:aws:s3:::${aws:PrincipalTag/bucket}"})["AllowS3"]
    value = "arn:aws:s3:::${aws:PrincipalTag/bucket}/*"
    assert found["Condition"]["ArnLike"] == {"kms:EncryptionContext:aws:s3:arn": value}


ENTRIES = [{"service": one.service, **one.options} for one in scenarios()]
NAMES = st.lists(st.sampled_from(["role/a", "user/b", "444455556666"]), max_size=2).map(tuple)


@st.composite
def services(draw):
    chosen = draw(st.lists(st.sampled_from(ENTRIES), max_size=6))
    return tuple({**entry, "name": f"n{number}"} for number, entry in enumerate(chosen))


@settings(deadline=None, max_examples=60)
@given(
    st.builds(Roles, administrators=NAMES, users=NAMES, read_only=NAMES, grantors=NAMES, services=services()),
    st.randoms(use_true_random=False),
)
def test_any_roles_and_presets_compile_to_one_policy_that_parses_and_is_never_public(roles, chance):
    compiled = compile_roles(roles, key=SYMMETRIC, place=PLACE)
    assert parse_document(to_json(compiled.document)) == compiled.document
    assert len(compiled.origins) == len(compiled.document.statements)
    assert not is_public(compiled.document)
    turned = Roles(services=tuple(chance.sample(roles.services, len(roles.services))))
    straight = Roles(services=roles.services)
    assert (
        compile_roles(turned, key=SYMMETRIC, place=PLACE).document
        == compile_roles(straight, key=SYMMETRIC, place=PLACE).document
    )


@settings(deadline=None, max_examples=40)
@given(services(), st.sampled_from(ENTRIES))
def test_a_stranger_gets_nothing_by_any_presets(chosen, entry):
    scenario = Scenario(entry["service"], "", {key: value for key, value in entry.items() if key != "service"}, (), ())
    key = scenario.key()
    for action in ("Decrypt", "GenerateDataKey", "CreateGrant", "PutKeyPolicy"):
        assert not allowed(key, Call("asks", action, "arn:aws:iam::777788889999:role/stranger", via="s3"))


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["*", "role/a", "111122223333", TRAIL, "arn:aws:s3:::a", "sns.amazonaws.com", "\x1b[31m", "{sourceArn}"]
    ),
)
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(), st.none(), st.lists(st.one_of(TEXTS, st.none()), max_size=3))
FIELDS = st.sampled_from(
    ["name", "other", *sorted({option.name for preset in presets().values() for option in preset.options})]
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.one_of(
            VALUES,
            st.builds(
                lambda service, options: {"service": service, **options},
                st.one_of(VALUES, st.sampled_from(sorted({entry["service"] for entry in ENTRIES}))),
                st.dictionaries(FIELDS, VALUES, max_size=4),
            ),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_written_is_a_policy_that_is_not_public_or_faults_that_can_be_printed(entries):
    try:
        document = compile_roles(Roles(services=tuple(entries)), key=SYMMETRIC, place=PLACE).document
    except InvalidPolicy as invalid:
        assert all(fault.fix and str(fault).isprintable() for fault in invalid.faults)
    else:
        assert not is_public(document)
