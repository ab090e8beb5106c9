"""AWS services that call KMS for themselves, and those that work by grants: CloudTrail, SNS to SQS, Secrets Manager,
RDS and DynamoDB, most of them under the key policies of examples/aws-services.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html,
https://docs.aws.amazon.com/kms/latest/developerguide/services-secrets-manager.html and services-dynamodb.html
"""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.scenarios.played import refused
from tests.support.world import MAIN, OTHER, REGION, role_arn, session_arn, statement, user_arn

DENIED = "AccessDeniedException"
LOGGED = "AccessDenied"  # CloudTrail's code for it
TRAIL = f"arn:aws:cloudtrail:{REGION}:{MAIN}:trail/main"
TRAIL_CONTEXT = {"aws:cloudtrail:arn": TRAIL}
TOPIC = f"arn:aws:sns:{REGION}:{MAIN}:events"
QUEUE_CONTEXT = {"aws:sqs:arn": f"arn:aws:sqs:{REGION}:{MAIN}:events"}


def data_key(kms, key, context):
    return kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)["CiphertextBlob"]


class TestCloudTrail:
    @pytest.fixture
    def key(self, key_of):
        return key_of("cloudtrail/logs")

    def test_a_trail_gets_data_keys_for_itself_and_readers_of_the_account_open_its_files(self, there, key):
        watch = there.watch(key)
        encrypted = data_key(there.service("cloudtrail", TRAIL), key, TRAIL_CONTEXT)
        reader = there.role("security/log-reader")
        assert reader.decrypt(CiphertextBlob=encrypted, EncryptionContext=TRAIL_CONTEXT)["KeyId"] == key
        made, read = watch.events()
        assert made["userIdentity"] == {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
        assert made["recipientAccountId"] == MAIN
        assert read["userIdentity"]["arn"] == session_arn("security/log-reader")

    @pytest.mark.parametrize(
        ("service", "source", "context"),
        [
            ("cloudtrail", f"{TRAIL}-2", TRAIL_CONTEXT),
            ("cloudtrail", f"arn:aws:cloudtrail:{REGION}:{OTHER}:trail/main", TRAIL_CONTEXT),
            ("cloudtrail", TRAIL, {}),
            ("cloudtrail", TRAIL, {"aws:cloudtrail:arn": f"arn:aws:cloudtrail:{REGION}:{OTHER}:trail/main"}),
            ("delivery.logs", TRAIL, TRAIL_CONTEXT),
        ],
        ids=["another trail", "a trail of another account", "no context", "a context of another account", "who else"],
    )
    def test_nobody_else_gets_one(self, there, key, service, source, context):
        account = source.split(":")[4]
        kms = there.service(service, source, account=account)
        watch = there.watch(key, account=account)
        assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", EncryptionContext=context) == DENIED
        assert [event["errorCode"] for event in watch.events("GenerateDataKey")] == [LOGGED]

    def test_a_trail_reads_nothing_back(self, there, key):
        trail = there.service("cloudtrail", TRAIL)
        encrypted = data_key(trail, key, TRAIL_CONTEXT)
        assert refused(trail.decrypt, CiphertextBlob=encrypted, EncryptionContext=TRAIL_CONTEXT) == DENIED


class TestQueue:
    @pytest.fixture
    def key(self, key_of):
        return key_of("sqs/events")

    @pytest.fixture
    def message(self, there, key):
        return data_key(there.service("sns", TOPIC), key, QUEUE_CONTEXT)

    def test_a_topic_sends_and_a_consumer_receives_through_sqs(self, there, message):
        consumer = there.through("sqs", session_arn("event-consumer"))
        assert consumer.decrypt(CiphertextBlob=message, EncryptionContext=QUEUE_CONTEXT)["Plaintext"]

    def test_a_consumer_without_sqs_receives_nothing(self, there, key, message):
        watch, consumer = there.watch(key), there.role("event-consumer")
        assert refused(consumer.decrypt, CiphertextBlob=message, EncryptionContext=QUEUE_CONTEXT) == DENIED
        assert [event["errorCode"] for event in watch.events("Decrypt")] == [LOGGED]

    @pytest.mark.parametrize(
        ("source", "account"),
        [(f"{TOPIC}-other", MAIN), (TOPIC, OTHER), (TOPIC.replace(MAIN, OTHER), OTHER)],
        ids=["another topic", "the topic for another account", "a topic of another account"],
    )
    def test_another_topic_sends_nothing(self, there, key, source, account):
        sns = there.service("sns", source, account=account)
        assert refused(sns.generate_data_key, KeyId=key, KeySpec="AES_256", EncryptionContext=QUEUE_CONTEXT) == DENIED


class TestSecrets:
    SECRET = f"arn:aws:secretsmanager:{REGION}:{MAIN}:secret:database-AbCdEf"
    CONTEXT: ClassVar = {"SecretARN": SECRET, "SecretVersionId": "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1"}

    @pytest.fixture
    def key(self, there):
        through = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com", "kms:CallerAccount": MAIN}
        return there.new_key([statement("*", "Decrypt", "GenerateDataKey", StringEquals=through)])

    def test_a_secret_is_stored_and_read_through_the_service(self, there, key):
        watch, secrets = there.watch(key), there.through("secretsmanager", session_arn("application"))
        encrypted = data_key(secrets, key, self.CONTEXT)
        assert secrets.decrypt(CiphertextBlob=encrypted, EncryptionContext=self.CONTEXT)["Plaintext"]
        for event in watch.events():
            assert event["requestParameters"]["encryptionContext"] == self.CONTEXT

    def test_a_version_does_not_pass_for_another_nor_the_reader_for_the_service(self, there, key):
        application = session_arn("application")
        secrets = there.through("secretsmanager", application)
        encrypted = data_key(secrets, key, self.CONTEXT)
        other = self.CONTEXT | {"SecretVersionId": "EXAMPLE2-90ab-cdef-fedc-ba987SECRET2"}
        assert (
            refused(secrets.decrypt, CiphertextBlob=encrypted, EncryptionContext=other) == "InvalidCiphertextException"
        )
        strangers = [there.role("application"), there.through("s3", application)]
        strangers.append(there.through("secretsmanager", session_arn("restore", OTHER)))
        for kms in strangers:
            assert refused(kms.decrypt, CiphertextBlob=encrypted, EncryptionContext=self.CONTEXT) == DENIED


class TestDatabase:
    """RDS: an instance's key is used by a grant, made through RDS by who operates databases."""

    CONTEXT: ClassVar = {"aws:rds:db-id": "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"}

    @pytest.fixture
    def key(self, key_of):
        return key_of("rds/databases")

    @pytest.fixture
    def grant(self, there, key):
        rds = there.through("rds", session_arn("database-operator"))
        return rds.create_grant(
            KeyId=key,
            GranteePrincipal=role_arn("volumes"),
            RetiringPrincipal=role_arn("operator"),
            Operations=["GenerateDataKeyWithoutPlaintext", "Decrypt", "CreateGrant", "RetireGrant"],
            Constraints={"EncryptionContextSubset": self.CONTEXT},
        )

    def test_the_instance_works_by_its_grant_until_that_is_retired(self, there, key, grant):
        host = there.role("volumes")
        made = host.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256", EncryptionContext=self.CONTEXT)
        assert host.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=self.CONTEXT)["Plaintext"]
        there.role("operator").retire_grant(KeyId=key, GrantId=grant["GrantId"])
        watch = there.watch(key)
        sealed = {"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": self.CONTEXT}
        assert refused(host.decrypt, **sealed) == DENIED
        assert [event["errorCode"] for event in watch.events()] == [LOGGED]

    def test_the_instance_grants_no_more_than_it_has(self, there, key, grant):
        host = there.role("volumes")
        asked = {"KeyId": key, "GranteePrincipal": role_arn("application")}
        same = {"Constraints": {"EncryptionContextSubset": self.CONTEXT}}
        assert host.create_grant(**asked, **same, Operations=["Decrypt"])["GrantId"]
        assert refused(host.create_grant, **asked, **same, Operations=["Encrypt"]) == DENIED
        assert refused(host.create_grant, **asked, Operations=["Decrypt"]) == DENIED

    def test_another_instance_is_not_meant_by_the_grant(self, there, key, grant):
        other = {"aws:rds:db-id": "db-OTHER"}
        host = there.role("volumes")
        assert refused(
            host.generate_data_key_without_plaintext, KeyId=key, KeySpec="AES_256", EncryptionContext=other
        ) == (DENIED)


class TestTable:
    """DynamoDB: the service itself is the grantee, for one table of one account."""

    CONTEXT: ClassVar = {"aws:dynamodb:tableName": "Books", "aws:dynamodb:subscriberId": MAIN}
    TABLE = f"arn:aws:dynamodb:{REGION}:{MAIN}:table/Books"

    @pytest.fixture
    def key(self, there):
        through = {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}
        use = ("Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey", "CreateGrant")
        return there.new_key([statement(role_arn("application"), *use, StringEquals=through)])

    @pytest.fixture
    def table(self, there, key):
        """The service, once the table was made."""
        there.through("dynamodb", session_arn("application")).create_grant(
            KeyId=key,
            GranteeServicePrincipal="dynamodb.amazonaws.com",
            RetiringServicePrincipal="dynamodb.amazonaws.com",
            Operations=["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey", "RetireGrant"],
            Constraints={"EncryptionContextSubset": self.CONTEXT, "SourceArn": self.TABLE},
        )
        return there.service("dynamodb", self.TABLE)

    def test_the_service_works_with_the_key_on_its_own_by_the_grant(self, there, key, table):
        watch = there.watch(key)
        context = self.CONTEXT | {"aws:dynamodb:version": "1"}
        encrypted = data_key(table, key, context)
        assert table.decrypt(CiphertextBlob=encrypted, EncryptionContext=context)["Plaintext"]
        assert {event["userIdentity"]["invokedBy"] for event in watch.events()} == {"dynamodb.amazonaws.com"}

    def test_the_grant_is_for_one_table_and_one_service(self, there, key, table):
        other = self.CONTEXT | {"aws:dynamodb:tableName": "Films"}
        asked = {"KeyId": key, "KeySpec": "AES_256"}
        assert refused(table.generate_data_key, **asked, EncryptionContext=other) == DENIED
        for service, source in (("s3", self.TABLE), ("dynamodb", f"{self.TABLE}-2")):
            stranger = there.service(service, source)
            assert refused(stranger.generate_data_key, **asked, EncryptionContext=self.CONTEXT) == DENIED

    def test_a_table_stops_working_when_its_grant_is_revoked(self, there, key, table):
        encrypted = data_key(table, key, self.CONTEXT)
        (grant,) = there.user().list_grants(KeyId=key)["Grants"]
        assert grant["IssuingAccount"] == f"arn:aws:iam::{MAIN}:root"
        there.user().revoke_grant(KeyId=key, GrantId=grant["GrantId"])
        assert refused(table.decrypt, CiphertextBlob=encrypted, EncryptionContext=self.CONTEXT) == DENIED


def test_a_service_that_acts_for_nobody_has_no_more_than_the_key_policy_says(there):
    key = there.new_key(
        [statement({"Service": "sns.amazonaws.com"}, "GenerateDataKey"), statement(user_arn("admin"), "*")]
    )
    assert data_key(there.service("sns", TOPIC), key, {})
    assert refused(there.service("sqs", TOPIC).generate_data_key, KeyId=key, KeySpec="AES_256") == DENIED
