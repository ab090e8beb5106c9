"""Whom `Principal` and `NotPrincipal` name."""

from reconciler.policy.evaluate import Reason
from tests.policy.evaluate.world import (
    ALICE,
    APP,
    BOB,
    IAM,
    KMS,
    ROOT,
    S3,
    SESSION,
    STRANGER,
    THEIR_ROOT,
    US,
    Case,
    allow,
    deny,
)  # fmt: skip

PRINCIPAL = f"{IAM}reference_policies_elements_principal.html"
ROLES = f"{PRINCIPAL}#principal-roles"
SESSIONS = f"{PRINCIPAL}#principal-role-session"
SERVICES = f"{PRINCIPAL}#principal-services"
NOT_PRINCIPAL = f"{IAM}reference_policies_elements_notprincipal.html"
IDS = f"{IAM}reference_identifiers.html#identifiers-unique-ids"
PATHS = f"{IAM}reference_identifiers.html#identifiers-friendly-names"
WITH_PATH = f"arn:aws:iam::{US}:role/team/blue/app"
LOGS = "logs.us-east-1.amazonaws.com"
OIDC = f"arn:aws:iam::{US}:oidc-provider/example.com"


def spare(*names: str, **elements: object) -> dict[str, object]:
    said = {**deny("*"), "NotPrincipal": {"AWS": list(names)}, **elements}
    return {element: value for element, value in said.items() if element != "Principal"}


def allow_but(*names: str) -> dict[str, object]:
    return {**spare(*names), "Effect": "Allow"}


EVERYBODY = allow("*")
NO = Reason.NOT_ALLOWED_BY_KEY_POLICY
DENIED = Reason.DENIED_BY_KEY_POLICY

CASES = [
    Case("everybody is everybody of the account", f"{PRINCIPAL}#principal-anonymous", [EVERYBODY], Reason.KEY_POLICY),
    Case("AWS: * is everybody", f"{PRINCIPAL}#principal-anonymous", [allow({"AWS": "*"})], Reason.KEY_POLICY),
    Case("a role names its sessions", ROLES, [allow(APP)], Reason.KEY_POLICY, who=SESSION),
    Case("a role names no other role's sessions", ROLES, [allow(APP)], NO,
         who=f"arn:aws:sts::{US}:assumed-role/apple/x"),
    Case("a role with a path names its sessions, whose ARNs have none", PATHS, [allow(WITH_PATH)], Reason.KEY_POLICY,
         who=SESSION),
    Case("a session may have a slash-free name of its role's name", SESSIONS, [allow(APP)], Reason.KEY_POLICY,
         who=f"arn:aws:sts::{US}:assumed-role/app/app"),
    Case("a session names itself", SESSIONS, [allow(SESSION)], Reason.KEY_POLICY, who=SESSION),
    Case("a session names no other session", SESSIONS, [allow(SESSION)], NO,
         who=f"arn:aws:sts::{US}:assumed-role/app/other"),
    Case("a role as such is none of its sessions", SESSIONS, [allow(SESSION)], NO, who=APP),
    Case("a user of the same name in another account is another", PRINCIPAL, [allow(ALICE)], NO,
         who=ALICE.replace(US, "999988887777")),
    Case("a user of the same name in another partition is another", PRINCIPAL, [allow(ALICE)], NO,
         who=ALICE.replace("arn:aws:", "arn:aws-cn:")),
    Case("a user is not its path's user", PATHS, [allow(ALICE)], NO, who=f"arn:aws:iam::{US}:user/x/alice"),
    Case("the case of a name counts", IDS, [allow(f"arn:aws:iam::{US}:user/Alice")], NO),
    Case("the id of a deleted role names nobody", IDS, [allow("AROA4KJY2TU23Y7NK62MV")], NO, who=SESSION),
    Case("the id of a deleted user denies nobody", IDS, [EVERYBODY, deny("AIDA4KJY2TU23Y7NK62MV")], Reason.KEY_POLICY),
    Case("another account's root is not ours", PRINCIPAL, [allow(THEIR_ROOT)], NO),
    # services
    Case("a service is named", SERVICES, [allow({"Service": S3})], Reason.KEY_POLICY, who=S3),
    Case("another service is not", SERVICES, [allow({"Service": S3})], NO, who=LOGS),
    Case("a regional service's name is another", SERVICES, [allow({"Service": "logs.amazonaws.com"})], NO, who=LOGS),
    Case("a service is not of the account", SERVICES, [allow(ROOT)], NO, who=S3),
    Case("everybody includes services", f"{PRINCIPAL}#principal-anonymous", [EVERYBODY], Reason.KEY_POLICY, who=S3),
    Case("a deny to everybody denies services", f"{PRINCIPAL}#principal-anonymous", [allow({"Service": S3}), deny("*")],
         DENIED, who=S3),
    Case("a service is asked for no identity policy", SERVICES, [allow({"Service": S3})], Reason.KEY_POLICY, who=S3,
         unknown=True),
    Case("a statement may name services and people", SERVICES, [allow({"Service": [LOGS, S3], "AWS": ALICE})],
         Reason.KEY_POLICY, who=S3),
    Case("a service's name under AWS would be no service", SERVICES, [allow({"Service": S3})], NO),
    # federation
    Case("a provider is named", f"{PRINCIPAL}#principal-federated-web-identity", [allow({"Federated": OIDC})],
         Reason.KEY_POLICY, who=OIDC, account=None),
    Case("another provider is not", f"{PRINCIPAL}#principal-federated-web-identity", [allow({"Federated": f"{OIDC}x"})],
         NO, who=OIDC),
    Case("a user is no provider", f"{PRINCIPAL}#principal-federated-web-identity", [allow({"Federated": OIDC})], NO),
    Case("what is no principal is named by * alone", PRINCIPAL, [allow(ROOT)], NO,
         who=f"arn:aws:iam::{US}:instance-profile/x"),
    Case("what is of no account needs a policy of its own account, which it does not have", PRINCIPAL, [EVERYBODY],
         Reason.NOT_ALLOWED_BY_IDENTITY_POLICY, who="arn:aws:iam::aws:policy/x"),
    Case("a group is nobody", PRINCIPAL, [allow(ROOT)], NO, who=f"arn:aws:iam::{US}:group/x",
         identity=[allow(None, "kms:Decrypt")]),
    # NotPrincipal with Deny
    Case("who is listed with its account is spared", NOT_PRINCIPAL, [EVERYBODY, spare(ALICE, ROOT)], Reason.KEY_POLICY),
    Case("who is listed with its account's id is spared", NOT_PRINCIPAL, [EVERYBODY, spare(ALICE, US)],
         Reason.KEY_POLICY),
    Case("who is listed without its account is denied", NOT_PRINCIPAL, [EVERYBODY, spare(ALICE)], DENIED),
    Case("who is not listed is denied though its account is", NOT_PRINCIPAL, [EVERYBODY, spare(BOB, ROOT)], DENIED),
    Case("who is not listed at all is denied", NOT_PRINCIPAL, [EVERYBODY, spare(BOB)], DENIED),
    Case("the root user needs its account listed", NOT_PRINCIPAL, [EVERYBODY, spare(ROOT)], Reason.KEY_POLICY,
         who=ROOT, root=True),
    Case("the root user is denied without it", NOT_PRINCIPAL, [EVERYBODY, spare(ALICE)], DENIED, who=ROOT, root=True),
    Case("a session is spared with role, session and account", NOT_PRINCIPAL,
         [EVERYBODY, spare(SESSION, APP, ROOT)], Reason.KEY_POLICY, who=SESSION),
    Case("a session is denied without its role", NOT_PRINCIPAL, [EVERYBODY, spare(SESSION, ROOT)], DENIED, who=SESSION),
    Case("a session is denied when the role is listed alone", NOT_PRINCIPAL, [EVERYBODY, spare(APP, ROOT)], DENIED,
         who=SESSION),
    Case("a role as such is spared with role and account", NOT_PRINCIPAL, [EVERYBODY, spare(APP, ROOT)],
         Reason.KEY_POLICY, who=APP),
    Case("a stranger is spared with its account", NOT_PRINCIPAL, [EVERYBODY, spare(STRANGER, THEIR_ROOT)],
         Reason.BOTH_ACCOUNTS, who=STRANGER, identity=[allow()]),
    Case("a stranger is denied without its account", NOT_PRINCIPAL, [EVERYBODY, spare(STRANGER)], DENIED,
         who=STRANGER, identity=[allow()]),
    Case("a boundary makes every such deny apply", f"{IAM}access_policies_boundaries.html",
         [EVERYBODY, spare(ALICE, ROOT)], DENIED, boundary=[allow()]),
    Case("everybody is spared by *", NOT_PRINCIPAL, [EVERYBODY, {**spare(), "NotPrincipal": "*"}], Reason.KEY_POLICY),
    Case("a service is spared by its name", NOT_PRINCIPAL,
         [EVERYBODY, {**spare(), "NotPrincipal": {"Service": S3}}], Reason.KEY_POLICY, who=S3),
    Case("a service is denied without it", NOT_PRINCIPAL, [EVERYBODY, spare(ALICE, ROOT)], DENIED, who=S3),
    Case("such a deny has conditions too", NOT_PRINCIPAL,
         [EVERYBODY, spare(BOB, Condition={"Bool": {"aws:SecureTransport": "false"}})], Reason.KEY_POLICY,
         facts={"aws:securetransport": "true"}),
    # NotPrincipal with Allow
    Case("everybody else is allowed", f"{NOT_PRINCIPAL}#specifying-notprincipal-allow", [allow_but(BOB)],
         Reason.KEY_POLICY),
    Case("who is listed is not", f"{NOT_PRINCIPAL}#specifying-notprincipal-allow", [allow_but(ALICE)], NO),
    Case("who is of a listed account is not", f"{NOT_PRINCIPAL}#specifying-notprincipal-allow", [allow_but(ROOT)], NO),
    Case("sessions of a listed role are not", f"{NOT_PRINCIPAL}#specifying-notprincipal-allow", [allow_but(APP)], NO,
         who=SESSION),
    Case("an account's own root user is not", f"{NOT_PRINCIPAL}#specifying-notprincipal-allow", [allow_but(US)], NO,
         who=ROOT, root=True),
    Case("a cross-account principal named by path", f"{KMS}key-policy-modifying-external-accounts.html",
         [allow(f"arn:aws:iam::{US}:user/team/ann")], Reason.KEY_POLICY, who=f"arn:aws:iam::{US}:user/team/ann"),
]  # fmt: skip
