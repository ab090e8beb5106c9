"""The pipeline's own rules."""

from __future__ import annotations

import pytest

from reconciler.engine.call import Access, Operation
from reconciler.engine.keys.state import ALLOWED
from reconciler.engine.operations import OPERATIONS, collect
from reconciler.kit.errors import KmsError


def test_the_stages_are_in_the_documented_order():
    from reconciler.engine import pipeline

    stages = [stage.__name__ for stage in (*pipeline.BEFORE, *pipeline.HOLDING, *pipeline.AFTER)]
    assert stages == [
        "parse",
        "authenticate",
        "check_parameters",
        "provide",
        "admit",
        "prepare",
        "authorise",
        "within_quota",
        "operate",
        "finish",
        "audit",
    ]


def test_a_way_leaves_out_what_would_do_nothing_and_a_mutation_ends_in_its_transaction():
    from reconciler.engine import pipeline

    def names(operation):
        way = pipeline.way_of(OPERATIONS[operation])
        return [" ".join(stage.__name__ for stage in stages) for stages in (way.before, way.holding, way.after)]

    start, held = "parse authenticate check_parameters", "authorise within_quota operate"
    assert names("Encrypt") == [f"{start} provide", held, "finish audit"]
    assert names("GenerateRandom") == [start, held, "finish audit"]
    assert names("EnableKey") == [f"{start} admit", f"{held} audit", ""]
    assert names("CreateKey") == [f"{start} admit prepare", f"{held} audit", ""]


def test_two_operations_of_one_name_are_refused():
    one = Operation("X", dict, Access.READ)
    with pytest.raises(ValueError, match="two operations are called X"):
        collect([[one], [one]])


def test_every_operation_with_a_rule_of_states_exists():
    assert set(ALLOWED) <= set(OPERATIONS)


def test_a_call_whose_operation_was_not_found_can_do_nothing():
    from reconciler.engine.call import NOT_PARSED, Call

    call = Call(None, None, None, "X", {}, 0, "", "", None)
    with pytest.raises(KmsError, match="no operation 'X'"):
        NOT_PARSED.run(call)


@pytest.mark.parametrize("name", ["", "Nope", "kms:CreateKey", "sts:Nope", "x" * 10_000, "\x1b[31m", "\ud800"])
def test_an_operation_that_nobody_has_is_refused(refused, name):
    error = refused(name)
    assert error.code == "UnknownOperationException"
    assert len(error.message) < 200
    assert "\x1b" not in error.message


HOSTILE = ["\x00", "\x1b[31m", "<script>", "'; DROP TABLE keys; --", "\u202e", "a\nb", "😀" * 1000, "%s{}", "\\"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_kept_as_they_are(kms, new_key, engine, text):
    key = new_key(Description=text)["KeyId"]
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["Description"] == text
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x", "EncryptionContext": {text: text}})["CiphertextBlob"]
    assert kms("Decrypt", {"CiphertextBlob": blob, "EncryptionContext": {text: text}})["Plaintext"] == b"x"
    assert next(engine.events(name="Encrypt"))["requestParameters"]["encryptionContext"] == {text: text}
    assert len(kms("ListKeys", {})["Keys"]) == 1
