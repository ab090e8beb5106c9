"""Names, tags, descriptions, policies and grants: an acknowledged change counts, a refused one changes nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from reconciler.kit.errors import KmsError
from tests.engine.laws.machine.base import accounts, actors, regions, things
from tests.engine.laws.machine.lives import places
from tests.engine.laws.machine.model import APP, CALLERS, HOME, MAIN, READING, ROOTS, USERS, Grant, Rule
from tests.engine.laws.machine.stores import Stores

names = st.sampled_from(["alias/a", "alias/b"])
tag_keys = st.sampled_from(["team", "stage"])
short = st.text("ab", max_size=2)
pairs = st.dictionaries(st.sampled_from(["tenant", "row"]), short, max_size=2)
offers = st.builds(
    Grant,
    st.sampled_from(CALLERS),
    st.just("") | st.sampled_from(READING),
    st.sampled_from([None, "Equals", "Subset"]),
    pairs.map(lambda found: tuple(found.items())),
)
"""Grants; one without an operation is for what shows that its key is what it was."""
rules = st.builds(Rule, st.sampled_from(["Allow", "Deny"]), st.sampled_from([*USERS.values(), APP])) | st.just(Rule())


SHOWING = {
    "ENCRYPT_DECRYPT": "Decrypt",
    "SIGN_VERIFY": "Verify",
    "GENERATE_VERIFY_MAC": "VerifyMac",
    "KEY_AGREEMENT": "DeriveSharedSecret",
    "ENCAPSULATE_DECAPSULATE": "Decapsulate",
}
"""What shows that a key of some usage is what it was."""


def taken(answer):
    """Whether the call took effect."""
    return not isinstance(answer, KmsError)


class Belongings(Stores):
    """Who calls may be anybody; the model follows what is acknowledged."""

    def asked_of(self, key, place, caller, operation, **parameters):
        """Call about a key where it is; the Region, or None when nothing was changed."""
        region, caller = self.region_of(key, place), caller or ROOTS[key.account]
        if not region or not taken(self.ask(caller, region, operation, **{"KeyId": key.arn(region), **parameters})):
            return None
        assert HOME[caller] == key.account, "nobody administers another account's keys"
        assert caller != APP, "nobody administers without a permission"
        return region

    @rule(key=things, place=places, caller=actors, tag=tag_keys, value=short)
    def tag(self, key, place, caller, tag, value):
        entry = {"TagKey": tag, "TagValue": value}
        if region := self.asked_of(key, place, caller, "TagResource", Tags=[entry]):
            key.place(region).tags[tag] = value

    @rule(key=things, place=places, caller=actors, tag=tag_keys)
    def untag(self, key, place, caller, tag):
        if region := self.asked_of(key, place, caller, "UntagResource", TagKeys=[tag]):
            key.place(region).tags.pop(tag, None)

    @rule(key=things, place=places, caller=actors, text=short)
    def describe(self, key, place, caller, text):
        if region := self.asked_of(key, place, caller, "UpdateKeyDescription", Description=text):
            key.place(region).description = text

    @rule(key=things, place=places, caller=actors, policy=rules)
    def rule_over(self, key, place, caller, policy):
        text = policy.text(key.account)
        if region := self.asked_of(key, place, caller, "PutKeyPolicy", Policy=text):
            key.place(region).rule = policy

    @rule(key=things, place=places, caller=actors, name=names)
    def name(self, key, place, caller, name):
        region, caller = self.region_of(key, place), caller or ROOTS[key.account]
        if region and taken(self.ask(caller, region, "CreateAlias", AliasName=name, TargetKeyId=key.arn(region))):
            where = (key.account, region, name)
            assert where not in self.aliases
            self.aliases[where] = key

    @rule(key=things, other=things, place=places, name=names)
    def rename(self, key, other, place, name):
        """The alias is `key`'s at first, and then `other`'s, or stays."""
        region = self.region_of(key, place)
        if not region:
            return
        self.name(key, place, None, name)
        given = {"AliasName": name, "TargetKeyId": other.life.id}
        if taken(self.ask(ROOTS[key.account], region, "UpdateAlias", **given)):
            assert other.account == key.account
            self.aliases[key.account, region, name] = other

    @rule(account=accounts, region=regions, name=names, caller=actors)
    def unname(self, account, region, name, caller):
        caller = caller or ROOTS[account]
        if taken(self.ask(caller, region, "DeleteAlias", AliasName=name)):
            del self.aliases[HOME[caller], region, name]

    @rule(key=things, place=places, caller=actors, offer=offers)
    def grant(self, key, place, caller, offer):
        region = self.region_of(key, place)
        made = offer if offer.operation else replace(offer, operation=SHOWING[key.usage])
        constraints = {"Constraints": {f"EncryptionContext{made.kind}": dict(made.pairs)}} if made.kind else {}
        given = {"GranteePrincipal": made.grantee, "RetiringPrincipal": APP, "Operations": [made.operation]}
        if region:
            caller = caller or ROOTS[key.account]
            answer = self.ask(caller, region, "CreateGrant", KeyId=key.arn(region), **given, **constraints)
            if taken(answer):
                key.place(region).grants[answer["GrantId"]] = made

    @rule(key=things, place=places, caller=actors, retire=st.booleans())
    def end_grant(self, key, place, caller, *, retire):
        region, caller = self.region_of(key, place), caller or (APP if retire else ROOTS[key.account])
        for grant_id in list(key.place(region).grants if region else ())[:1]:
            operation = "RetireGrant" if retire else "RevokeGrant"
            answer = self.ask(caller, region, operation, KeyId=key.arn(region), GrantId=grant_id)
            if taken(answer):
                assert HOME[caller] == key.account or retire, grant_id
                del key.place(region).grants[grant_id]

    @rule(key=things, place=places, offer=offers, retire=st.booleans())
    def grant_and_end(self, key, place, offer, retire):
        """A grant comes and the oldest one goes, whoever may see to that."""
        self.grant(key, place, None, offer)
        self.end_grant(key, place, None, retire=retire)

    @rule(account=accounts)
    def become(self, account):
        given = {"RoleArn": APP, "RoleSessionName": "run"}
        answer = self.ask(USERS[account], "us-east-1", "sts:AssumeRole", **given)
        assert taken(answer) == (account == MAIN), "the role trusts one user"
