"""What IAM says of people: known accounts, and nothing of the others."""

from dataclasses import replace

from reconciler.policy.access import Ask, Guardrails, Identities, Person
from reconciler.policy.access.facts import facts_of_key
from reconciler.policy.control import parse_control_policy
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, parse_identity_policy
from tests.policy.access.world import ACCOUNT, ADMIN, APP, BOB, ROOT, SESSION, STRANGER, allow, deny, iam, key

APP_POLICIES = iam({"Action": "kms:*"})
LEVELS = (
    (NamedPolicy("all", parse_identity_policy({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})),),
)
CONTROL = (NamedPolicy("rcp", parse_control_policy({"Statement": deny("*", "kms:*")})),)
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
PEOPLE = Identities.of_people([ACCOUNT], [Person(APP, APP_POLICIES), Person(BOB, tags={"Team": "a"}), Person(ADMIN)])

LIMITED = Identities.of_people(
    [ACCOUNT], [Person(APP, APP_POLICIES), Person(LINKED)], {ACCOUNT: Guardrails("o-1", LEVELS, CONTROL)}
)


def test_a_role_and_its_sessions_have_the_roles_policies():
    assert PEOPLE.policies_of(APP) is APP_POLICIES
    assert PEOPLE.policies_of(SESSION) is APP_POLICIES


def test_whoever_is_not_in_a_known_account_has_no_policies():
    assert PEOPLE.policies_of(f"arn:aws:iam::{ACCOUNT}:user/nobody") == IdentityPolicies()


def test_nothing_is_known_of_other_accounts_and_services():
    assert [PEOPLE.policies_of(one) for one in (STRANGER, "s3.amazonaws.com")] == [None, None]


def test_the_root_user_of_a_known_account_may_do_everything_that_its_organisation_lets_it():
    assert PEOPLE.policies_of(ROOT) == IdentityPolicies(unrestricted=True)
    assert LIMITED.policies_of(ROOT) == IdentityPolicies(unrestricted=True, service_control=LEVELS)


def test_an_organisation_limits_everybody_of_an_account_but_roles_of_services():
    assert LIMITED.policies_of(APP) == replace(APP_POLICIES, service_control=LEVELS)
    assert LIMITED.policies_of(f"arn:aws:iam::{ACCOUNT}:user/nobody") == IdentityPolicies(service_control=LEVELS)
    for of_service in (LINKED, f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForX/i"):
        assert LIMITED.policies_of(of_service) == IdentityPolicies(service_linked=True)
    unknown = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/y.amazonaws.com/AWSServiceRoleForY"
    assert LIMITED.policies_of(unknown) == IdentityPolicies(service_linked=True)


def test_a_key_has_the_organisation_of_its_account():
    guarded = LIMITED.guarded(key(allow(APP)))
    assert (guarded.control, guarded.organization) == (CONTROL, "o-1")
    assert facts_of_key(guarded)["aws:resourceorgid"] == ("o-1",)
    assert PEOPLE.guarded(key(allow(APP))) == key(allow(APP))


def test_everybody_is_listed_by_arn():
    assert [person.arn for person in PEOPLE] == [APP, ADMIN, BOB]


def test_a_question_is_informed_by_tags_paths_and_organisation_and_its_own_facts_win():
    known = Identities(PEOPLE.accounts, PEOPLE.people, {ACCOUNT: Guardrails("o-1")})
    facts = known.informed(Ask(BOB, "kms:Decrypt", facts={"aws:principalorgid": ("o-2",)})).facts
    assert facts == {"aws:principalarn": (BOB,), "aws:principaltag/team": ("a",), "aws:principalorgid": ("o-2",)}
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/x"
    assert PEOPLE.informed(Ask(session, "kms:Decrypt")).facts == {"aws:principalarn": (ADMIN,)}
    assert PEOPLE.informed(Ask(STRANGER, "kms:Decrypt")).facts == {}


def test_what_is_known_of_several_accounts_is_one():
    theirs = "444455556666"
    role = f"arn:aws:iam::{theirs}:role/X"
    ours = Identities.of_people([ACCOUNT], [Person(APP)], {ACCOUNT: Guardrails("o-1")})
    both = ours | Identities.of_people([theirs], [Person(role)])
    assert both.accounts == {ACCOUNT, theirs}
    assert [person.arn for person in both] == [APP, role]
    assert both.guardrails == {ACCOUNT: Guardrails("o-1")}


def test_of_an_account_that_is_known_twice_the_later_counts():
    later = PEOPLE | Identities.of_people([ACCOUNT], [Person(BOB)])
    assert [person.arn for person in later] == [BOB]
