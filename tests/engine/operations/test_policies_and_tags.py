"""Key policies, descriptions, tags, and finding keys by tags."""

from __future__ import annotations

import pytest

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}'


def test_a_policy_comes_back_as_it_was_put(kms, new_key):
    key = new_key()["KeyId"]
    kms("PutKeyPolicy", {"KeyId": key, "Policy": POLICY, "PolicyName": "default"})
    assert kms("GetKeyPolicy", {"KeyId": key}) == {"Policy": POLICY, "PolicyName": "default"}
    assert kms("ListKeyPolicies", {"KeyId": key}) == {"PolicyNames": ["default"], "Truncated": False}


def test_a_policy_can_be_given_at_creation(kms, new_key):
    assert kms("GetKeyPolicy", {"KeyId": new_key(Policy=POLICY)["KeyId"]})["Policy"] == POLICY


@pytest.mark.parametrize("operation", ["GetKeyPolicy", "PutKeyPolicy"])
def test_there_is_only_the_policy_called_default(refused, new_key, operation):
    extra = {"Policy": POLICY} if operation == "PutKeyPolicy" else {}
    error = refused(operation, KeyId=new_key()["KeyId"], PolicyName="other", **extra)
    assert (error.code, error.message) == ("NotFoundException", "No such policy exists")


POLICIES = {
    "no JSON": ("{", "MalformedPolicyDocumentException"),
    "nested beyond reason": ("[" * 20_000, "MalformedPolicyDocumentException"),
    "a list": ("[]", "MalformedPolicyDocumentException"),
    "no statement": ("{}", "MalformedPolicyDocumentException"),
    "empty statements": ('{"Statement": []}', "MalformedPolicyDocumentException"),
    "a statement that is none": ('{"Statement": [1]}', "MalformedPolicyDocumentException"),
    "a wrong effect": ('{"Statement": {"Effect": "allow"}}', "MalformedPolicyDocumentException"),
    "an effect that is a list": ('{"Statement": {"Effect": ["Allow"]}}', "MalformedPolicyDocumentException"),
    "too long": (POLICY + " " * 32_768, "LimitExceededException"),
    "characters that policies do not have": (POLICY.replace("kms", "ĸms"), "ValidationException"),
}


@pytest.mark.parametrize("case", POLICIES)
def test_a_policy_that_cannot_be_read_is_refused_and_changes_nothing(kms, refused, new_key, case):
    text, code = POLICIES[case]
    key = new_key(Policy=POLICY)["KeyId"]
    assert refused("PutKeyPolicy", KeyId=key, Policy=text).code == code
    assert kms("GetKeyPolicy", {"KeyId": key})["Policy"] == POLICY


def test_a_description_is_replaced(kms, new_key):
    key = new_key(Description="one")["KeyId"]
    kms("UpdateKeyDescription", {"KeyId": key, "Description": ""})
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["Description"] == ""


def tags_of(kms, key):
    return {tag["TagKey"]: tag["TagValue"] for tag in kms("ListResourceTags", {"KeyId": key})["Tags"]}


def tags(**pairs):
    return [{"TagKey": name, "TagValue": value} for name, value in pairs.items()]


def test_tags_are_added_replaced_and_removed(kms, new_key):
    key = new_key(Tags=tags(a="1", b="2"))["KeyId"]
    kms("TagResource", {"KeyId": key, "Tags": tags(b="3", c="")})
    assert tags_of(kms, key) == {"a": "1", "b": "3", "c": ""}
    kms("UntagResource", {"KeyId": key, "TagKeys": ["a", "never"]})
    assert tags_of(kms, key) == {"b": "3", "c": ""}


TAGS = {
    "a reserved prefix": (tags(**{"AWS:x": "1"}), "Tags beginning with aws: are reserved"),
    "one key twice": (tags(a="1") + tags(a="2"), "Duplicate"),
    "a character that tags do not have": (tags(a="<b>"), "can contain"),
    "more than 50": (tags(**{f"k{index}": "" for index in range(51)}), "Too many"),
}


@pytest.mark.parametrize("case", TAGS)
def test_tags_that_cannot_be_are_refused(kms, refused, new_key, case):
    given, words = TAGS[case]
    key = new_key()["KeyId"]
    error = refused("TagResource", KeyId=key, Tags=given)
    assert error.code == "TagException"
    assert words in error.message
    assert tags_of(kms, key) == {}


def test_the_51st_tag_is_refused(kms, refused, new_key):
    key = new_key(Tags=tags(**{f"k{index}": "" for index in range(50)}))["KeyId"]
    assert refused("TagResource", KeyId=key, Tags=tags(x="1")).code == "TagException"
    kms("TagResource", {"KeyId": key, "Tags": tags(k7="changed")})
    assert tags_of(kms, key)["k7"] == "changed"


def test_a_reserved_tag_is_not_removed(refused, new_key):
    assert refused("UntagResource", KeyId=new_key()["KeyId"], TagKeys=["aws:x"]).code == "TagException"


def test_a_long_tag_key_is_named_in_the_refusal_as_aws_does(refused, new_key):
    error = refused("TagResource", KeyId=new_key()["KeyId"], Tags=[{"TagKey": "x" * 129, "TagValue": ""}])
    assert "at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length" in error.message


def found(kms, *filters, **parameters):
    wanted = [{"Key": name, "Values": list(values)} if values else {"Key": name} for name, *values in filters]
    page = kms("tagging:GetResources", {"TagFilters": wanted, **parameters})
    return [entry["ResourceARN"] for entry in page["ResourceTagMappingList"]]


def test_keys_are_found_by_their_tags(kms, new_key):
    one = new_key(Tags=tags(stack="a", name="x"))["Arn"]
    two = new_key(Tags=tags(stack="a", name="y"))["Arn"]
    three = new_key(Tags=tags(stack="b"))["Arn"]
    new_key()
    assert found(kms) == [one, two, three]
    assert found(kms, ("stack", "a")) == [one, two]
    assert found(kms, ("stack", "a", "b")) == [one, two, three]
    assert found(kms, ("stack", "a"), ("name", "y")) == [two]
    assert found(kms, ("stack", "a", "b"), ("name",)) == [one, two]
    assert found(kms, ("name",)) == [one, two]
    assert found(kms, ("stack", "c")) == []
    assert found(kms, ResourceTypeFilters=["kms:key"]) == [one, two, three]
    assert found(kms, ResourceTypeFilters=["s3"]) == []


def test_the_tags_come_with_the_key(kms, new_key):
    arn = new_key(Tags=tags(b="2", a="1"))["Arn"]
    assert kms("tagging:GetResources", {"ResourceARNList": [arn]}) == {
        "PaginationToken": "",
        "ResourceTagMappingList": [
            {"ResourceARN": arn, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}
        ],
    }


def test_arns_that_name_no_tagged_key_of_ours_are_passed_over(kms, new_key):
    arns = [new_key()["Arn"], "arn:aws:s3:::bucket", "arn:aws:kms:us-east-1:111122223333:key/none"]
    assert kms("tagging:GetResources", {"ResourceARNList": arns})["ResourceTagMappingList"] == []


def test_the_sweep_is_paged_by_100(kms, new_key):
    arns = [new_key(Tags=tags(stack="a"))["Arn"] for _ in range(101)]
    first = kms("tagging:GetResources", {"TagFilters": [{"Key": "stack", "Values": ["a"]}]})
    second = kms("tagging:GetResources", {"PaginationToken": first["PaginationToken"]})
    pages = [[entry["ResourceARN"] for entry in page["ResourceTagMappingList"]] for page in (first, second)]
    assert pages == [arns[:100], arns[100:]]
    assert second["PaginationToken"] == ""


SEARCHES = {
    "a filter without key": ({"TagFilters": [{"Values": ["x"]}]}, "InvalidParameterException"),
    "an ARN that is none": ({"ResourceARNList": ["x"]}, "InvalidParameterException"),
    "ARNs and filters": ({"ResourceARNList": ["x"], "TagFilters": [{"Key": "x"}]}, "InvalidParameterException"),
    "too large a page": ({"ResourcesPerPage": 101}, "InvalidParameterException"),
    "a token of nobody": ({"PaginationToken": "x"}, "PaginationTokenExpiredException"),
    "an unknown parameter": ({"Nope": 1}, "InvalidParameterException"),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_a_search_that_makes_no_sense_is_refused(refused, case):
    parameters, code = SEARCHES[case]
    assert refused("tagging:GetResources", **parameters).code == code
