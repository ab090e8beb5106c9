"""What manifests come to for a key: what it says, what it leaves to others, how it rotates and is adopted."""

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.kit.errors import KmsctlError
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptTags,
    AutomaticRotation,
    Deletion,
    Ignore,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from tests.manifest.build import KEY_ID, desired, key, manifest


def test_a_key_that_says_nothing_leaves_everything_to_others_but_its_defaults():
    found = key("{}")
    assert (found.key_spec, found.key_usage, found.origin) == (
        KeySpec.SYMMETRIC_DEFAULT,
        KeyUsage.ENCRYPT_DECRYPT,
        Origin.AWS_KMS,
    )
    assert (found.description, found.policy, found.rotation, found.tags) == (ABSENT, ABSENT, ABSENT, ABSENT)
    assert (found.enabled, found.multi_region, found.deletion) == (True, False, Deletion("Retain", 30, protect=False))
    assert (found.adopt, found.ignore, found.replacement) == (None, Ignore(), "Forbid")
    assert found.address == Address(Kind.KEY, "k")
    assert str(found.position) == "1.yaml:2:1"


def test_a_key_that_says_everything_is_taken_at_its_word():
    found = key(
        "{description: d, keySpec: RSA_2048, keyUsage: SIGN_VERIFY, origin: EXTERNAL, multiRegion: true,"
        " enabled: false, tags: {team: pay}, deletion: {policy: Schedule, windowDays: 7, protect: true},"
        " replacement: NewKey, ignore: {tags: [auto-*], fields: [policy, tags]}}"
    )
    assert (found.description, found.key_spec, found.key_usage) == ("d", KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY)
    assert (found.origin, found.multi_region, found.enabled) == (Origin.EXTERNAL, True, False)
    assert (found.tags, found.deletion) == ({"team": "pay"}, Deletion("Schedule", 7, protect=True))
    assert (found.ignore, found.replacement) == (Ignore(("auto-*",), frozenset({"policy", "tags"})), "NewKey")


def test_the_only_usage_of_a_key_spec_need_not_be_said():
    assert key("{keySpec: HMAC_256}").key_usage is KeyUsage.GENERATE_VERIFY_MAC


@pytest.mark.parametrize(
    ("rotation", "meant"),
    [
        ("{automatic: {}}", AutomaticRotation(365)),
        ("{automatic: {periodDays: 90}}", AutomaticRotation(90)),
        ("{onDemand: {serial: 3}}", OnDemandRotation(3)),
        ("{manual: {everyDays: 180}}", ManualRotation(180, None)),
        ("{manual: {everyDays: 180, keep: 2}}", ManualRotation(180, 2)),
        ("{none: {reason: legacy}}", NoRotation("legacy")),
    ],
)
def test_each_mode_of_rotation(rotation, meant):
    assert key(f"{{rotation: {rotation}}}").rotation == meant


@pytest.mark.parametrize(
    ("adopt", "meant"),
    [
        (f"{{keyId: {KEY_ID}}}", AdoptKeyId(KEY_ID)),
        (
            f"{{keyId: 'arn:${{aws:partition}}:kms:${{aws:region}}:${{aws:accountId}}:key/{KEY_ID}'}}",
            AdoptKeyId(f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}"),
        ),
        ("{alias: old}", AdoptAlias("alias/old")),
        ("{alias: alias/old}", AdoptAlias("alias/old")),
        (
            "{tags: {'aws:cloudformation:stack-name': 's-${aws:region}'}}",
            AdoptTags({"aws:cloudformation:stack-name": "s-us-east-1"}),
        ),
    ],
)
def test_each_way_to_adopt(adopt, meant):
    assert key(f"{{adopt: {adopt}}}").adopt == meant


def test_a_key_in_a_custom_key_store_can_be_adopted():
    assert key(f"{{origin: AWS_CLOUDHSM, adopt: {{keyId: {KEY_ID}}}}}").origin is Origin.AWS_CLOUDHSM


@pytest.mark.parametrize(
    ("spec", "enabled"),
    [
        ("{}", True),
        ("{ignore: {fields: [enabled]}}", ABSENT),
        ("{enabled: false, ignore: {fields: [enabled]}}", False),
        ("{enabled: true}", True),
    ],
)
def test_a_key_is_to_be_enabled_unless_it_says_otherwise_or_leaves_it_to_others(spec, enabled):
    assert key(spec).enabled is enabled


def test_a_stack_that_cannot_be_one_is_refused_before_anything_else():
    with pytest.raises(KmsctlError, match="stack"):
        desired(manifest("Key", "k", "{}"), stack="not a stack")


def test_the_order_of_files_does_not_change_what_is_desired():
    texts = [manifest("Key", name, f"{{aliases: [{name}]}}") for name in "cab"]
    one, other = desired(*texts), desired(*reversed(texts))
    assert [key.address for key in one.keys] == [key.address for key in other.keys]
    assert [alias.address for alias in one.aliases] == [alias.address for alias in other.aliases]
