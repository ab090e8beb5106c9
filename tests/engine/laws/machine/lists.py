"""What every listing must say at any moment, whoever of the processes is asked."""

from __future__ import annotations

from hypothesis.stateful import invariant

from tests.engine.laws.machine.asking import Asking
from tests.engine.laws.machine.model import ACCOUNTS, APP, MAIN, REGIONS, ROOTS, USERS

WHERE = [(account, region) for account in ACCOUNTS for region in REGIONS]


class Lists(Asking):
    """Listings agree with the model, and with one another."""

    def here(self, account, region):
        """The keys that are in a Region of an account."""
        return {key.life.id: key for key in self.all if key.account == account and region in key.life.members}

    def listed(self, account, region, operation, member, **parameters):
        """The whole of a listing, by pages of one for the fun of it."""
        found, more = [], {}
        while True:
            page = self.must(ROOTS[account], region, operation, **parameters, **more)
            found += page[member]
            if not page["Truncated"]:
                return found
            more = {"Marker": page["NextMarker"]}

    @invariant()
    def keys_are_those_of_the_model(self):
        for account, region in WHERE:
            here = self.here(account, region)
            found = self.listed(account, region, "ListKeys", "Keys", Limit=2)
            assert {entry["KeyId"] for entry in found} == here.keys()
            for entry in found:
                key = here[entry["KeyId"]]
                told = self.must(ROOTS[account], region, "DescribeKey", KeyId=entry["KeyArn"])["KeyMetadata"]
                assert (told["Arn"], told["AWSAccountId"]) == (key.arn(region), account)
                assert told["KeyState"] == self.state(key, region)
                assert told["Description"] == key.place(region).description
                assert (told["KeySpec"], told["KeyUsage"]) == (key.spec, key.usage)

    @invariant()
    def aliases_are_those_of_the_model(self):
        for account, region in WHERE:
            found = self.listed(account, region, "ListAliases", "Aliases", Limit=1)
            wanted = {name[2]: key.life.id for name, key in self.aliases.items() if name[:2] == (account, region)}
            assert {entry["AliasName"]: entry["TargetKeyId"] for entry in found} == wanted

    @invariant()
    def tags_are_those_of_the_model(self):
        for account, region in WHERE:
            wanted = {}
            for key in self.here(account, region).values():
                tags = self.listed(account, region, "ListResourceTags", "Tags", KeyId=key.life.id)
                assert {entry["TagKey"]: entry["TagValue"] for entry in tags} == key.place(region).tags
                wanted |= {key.arn(region): key.place(region).tags} if key.place(region).tags else {}
            swept = self.must(ROOTS[account], region, "tagging:GetResources")["ResourceTagMappingList"]
            found = {
                entry["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in entry["Tags"]}
                for entry in swept
                if entry["Tags"]
            }
            assert found == wanted

    @invariant()
    def grants_are_those_of_the_model(self):
        for account, region in WHERE:
            for key in self.here(account, region).values():
                found = self.listed(account, region, "ListGrants", "Grants", KeyId=key.life.id, Limit=1)
                assert {entry["GrantId"] for entry in found} == key.place(region).grants.keys()
        for region in REGIONS:
            wanted = {grant for key in self.all for grant in key.places.get(region, _NOWHERE).grants}
            retirable = self.listed(MAIN, region, "ListRetirableGrants", "Grants", RetiringPrincipal=APP)
            assert {entry["GrantId"] for entry in retirable} == wanted

    @invariant()
    def what_was_proved_is_proved_for_ever(self):
        """Each proof by one caller and one Region in turn, so that all come round."""
        people = (*ROOTS.values(), *USERS.values(), APP)
        for number, key in enumerate(self.all):
            for place, proof in enumerate(key.proofs):
                region = REGIONS[(self.turn + place) % 2]
                if region in key.life.members:
                    self.shows(key, proof, people[(self.turn + number) % len(people)], region)

    def teardown(self):
        for key in self.all:
            for region in key.life.members:
                for proof in key.proofs:
                    self.shows(key, proof, ROOTS[key.account], region)
        super().teardown()


class _Nowhere:
    grants: tuple[str, ...] = ()


_NOWHERE = _Nowhere()
