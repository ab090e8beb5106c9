"""What IAM says of people: known accounts, and nothing of the others."""

from reconciler.policy.access import Ask, Identities, Person
from reconciler.policy.evaluate import IdentityPolicies
from tests.policy.access.world import ACCOUNT, ADMIN, APP, BOB, ROOT, SESSION, STRANGER, iam

APP_POLICIES = iam({"Action": "kms:*"})
PEOPLE = Identities.of_people([ACCOUNT], [Person(APP, APP_POLICIES), Person(BOB, tags={"Team": "a"}), Person(ADMIN)])


def test_a_role_and_its_sessions_have_the_roles_policies():
    assert PEOPLE.policies_of(APP) is APP_POLICIES
    assert PEOPLE.policies_of(SESSION) is APP_POLICIES


def test_whoever_is_not_in_a_known_account_has_no_policies():
    assert PEOPLE.policies_of(f"arn:aws:iam::{ACCOUNT}:user/nobody") == IdentityPolicies()


def test_nothing_is_known_of_other_accounts_services_and_root_users():
    assert [PEOPLE.policies_of(one) for one in (STRANGER, "s3.amazonaws.com", ROOT)] == [None, None, None]


def test_everybody_is_listed_by_arn():
    assert [person.arn for person in PEOPLE] == [APP, ADMIN, BOB]


def test_a_question_is_informed_by_tags_paths_and_organisation_and_its_own_facts_win():
    known = Identities(PEOPLE.accounts, PEOPLE.people, {ACCOUNT: "o-1"})
    facts = known.informed(Ask(BOB, "kms:Decrypt", facts={"aws:principalorgid": ("o-2",)})).facts
    assert facts == {"aws:principalarn": (BOB,), "aws:principaltag/team": ("a",), "aws:principalorgid": ("o-2",)}
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/x"
    assert PEOPLE.informed(Ask(session, "kms:Decrypt")).facts == {"aws:principalarn": (ADMIN,)}
    assert PEOPLE.informed(Ask(STRANGER, "kms:Decrypt")).facts == {}


def test_what_is_known_of_several_accounts_is_one():
    theirs = "444455556666"
    role = f"arn:aws:iam::{theirs}:role/X"
    ours = Identities.of_people([ACCOUNT], [Person(APP)], {ACCOUNT: "o-1"})
    both = ours | Identities.of_people([theirs], [Person(role)])
    assert both.accounts == {ACCOUNT, theirs}
    assert [person.arn for person in both] == [APP, role]
    assert both.organizations == {ACCOUNT: "o-1"}


def test_of_an_account_that_is_known_twice_the_later_counts():
    later = PEOPLE | Identities.of_people([ACCOUNT], [Person(BOB)])
    assert [person.arn for person in later] == [BOB]
