"""Cryptography: what a key made once, it must be able to undo or confirm as long as it is there and usable."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from reconciler.kit.errors import KmsError
from tests.engine.laws.machine.base import callers, things
from tests.engine.laws.machine.belongings import Belongings, pairs
from tests.engine.laws.machine.lives import places
from tests.engine.laws.machine.model import ROOTS, Proof

MOST_PROOFS = 6
MAKERS = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): (
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "ReEncrypt",
    ),
    ("ECC_NIST_P256", "SIGN_VERIFY"): ("Sign",),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"): ("Sign",),
    ("HMAC_256", "GENERATE_VERIFY_MAC"): ("GenerateMac",),
    ("ECC_NIST_P256", "KEY_AGREEMENT"): ("DeriveSharedSecret",),
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"): ("Encapsulate",),
}
SIGNING = {"ECC_NIST_P256": "ECDSA_SHA_256", "ECC_NIST_EDWARDS25519": "ED25519_SHA_512"}


class Uses(Belongings):
    """Proofs are made by the owner's root user, and shown by everybody."""

    @rule(key=things, place=places, context=pairs, which=st.integers(0, 5), text=st.binary(min_size=1, max_size=3))
    def prove(self, key, place, context, which, text):
        region = self.region_of(key, place)
        if not region or len(key.proofs) >= MOST_PROOFS:
            return
        makers = MAKERS[key.spec, key.usage]
        if not self.enabled(key, region):
            given = {"KeyId": key.life.id, **self.parameters(key, makers[0], text, context)}
            assert isinstance(self.ask(ROOTS[key.account], region, makers[0], **given), KmsError)
            return
        key.proofs.append(self.proof(key, region, makers[which % len(makers)], text, context))

    @rule(key=things)
    def prove_all(self, key):
        """One proof by each operation that makes one."""
        for which in range(len(MAKERS[key.spec, key.usage])):
            self.prove(key, 0, {"tenant": "a"}, which, b"text")

    def parameters(self, key, operation, text, context):
        """What `operation` needs besides the key."""
        sealing = {"EncryptionContext": context} if context else {}
        return {
            "Encrypt": {"Plaintext": text, **sealing},
            "GenerateDataKey": {"NumberOfBytes": 16, **sealing},
            "GenerateDataKeyWithoutPlaintext": {"NumberOfBytes": 16, **sealing},
            "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256", **sealing},
            "GenerateDataKeyPairWithoutPlaintext": {"KeyPairSpec": "ECC_NIST_P256", **sealing},
            "Sign": {"Message": text, "SigningAlgorithm": SIGNING.get(key.spec, "ECDSA_SHA_256")},
            "GenerateMac": {"Message": text, "MacAlgorithm": "HMAC_SHA_256"},
            "Encapsulate": {"EncapsulationAlgorithm": "ML_KEM"},
            "DeriveSharedSecret": {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"\x30"},
        }[operation]

    def proof(self, key, region, operation, text, context):
        """Call `operation`; the proof that its answer is."""
        if operation == "ReEncrypt":
            return self.re_encrypted(key, region, text, context)
        root, given = ROOTS[key.account], self.parameters(key, operation, text, context)
        if operation == "DeriveSharedSecret":
            given["PublicKey"] = self.must(root, region, "GetPublicKey", KeyId=key.life.id)["PublicKey"]
        made = self.must(root, region, operation, KeyId=key.life.id, **given)
        sealing = {"EncryptionContext": context} if context else {}
        match operation:
            case "Sign":
                return Proof("Verify", {**given, "Signature": made["Signature"]}, {"SignatureValid": True})
            case "GenerateMac":
                return Proof("VerifyMac", {**given, "Mac": made["Mac"]}, {"MacValid": True})
            case "DeriveSharedSecret":
                return Proof(operation, given, {"SharedSecret": made["SharedSecret"]})
            case "Encapsulate":
                capsule = {"SharedSecretCiphertextBlob": made["SharedSecretCiphertextBlob"]}
                return Proof("Decapsulate", {**given, **capsule}, {"SharedSecret": made["SharedSecret"]})
            case _:
                return self.sealed(root, region, made, text, sealing)

    def sealed(self, root, region, made, text, sealing):
        """The proof that a ciphertext is; of one without its plaintext, what it decrypts to at once."""
        blob = made.get("CiphertextBlob") or made["PrivateKeyCiphertextBlob"]
        plaintext = made.get("Plaintext") or made.get("PrivateKeyPlaintext")
        if "KeyMaterialId" in made and plaintext is None:
            plaintext = self.must(root, region, "Decrypt", CiphertextBlob=blob, **sealing)["Plaintext"]
        if "EncryptionAlgorithm" in made:
            plaintext = text
        return Proof("Decrypt", {"CiphertextBlob": blob, **sealing}, {"Plaintext": plaintext})

    def re_encrypted(self, key, region, text, context):
        """From this key to itself, with another context."""
        root = ROOTS[key.account]
        first = self.must(root, region, "Encrypt", KeyId=key.life.id, Plaintext=text)["CiphertextBlob"]
        given = {"DestinationKeyId": key.life.id, "DestinationEncryptionContext": context}
        blob = self.must(root, region, "ReEncrypt", CiphertextBlob=first, **given)["CiphertextBlob"]
        return Proof("Decrypt", {"CiphertextBlob": blob, "EncryptionContext": context}, {"Plaintext": text})

    @rule(key=things, caller=callers, place=places, named=st.booleans())
    def show(self, key, caller, place, named):
        """Everything that was proved is shown by anybody, in any Region."""
        region = self.region_of(key, place)
        for proof in key.proofs if region else ():
            self.shows(key, proof, caller, region, named=named)

    def shows(self, key, proof, caller, region, *, named=False):
        """The proof holds for whom it may, where it can, and for nobody else."""
        naming = {"KeyId": key.arn(region)} if named or proof.operation != "Decrypt" else {}
        answer = self.ask(caller, region, proof.operation, **naming, **proof.parameters)
        if not key.allows(caller, proof.operation, region, proof.context):
            assert isinstance(answer, KmsError), (caller, proof)
            assert answer.code == "AccessDeniedException", answer
        elif self.enabled(key, region):
            assert not isinstance(answer, KmsError), (caller, answer)
            assert proof.answer.items() <= answer.items()
        else:
            assert isinstance(answer, KmsError)
            assert answer.code in {"DisabledException", "KMSInvalidStateException"}, answer

    @rule(one=things, other=things)
    def confuse(self, one, other):
        """No key opens or confirms what another made, and no context is as good as another."""
        for proof in one.proofs:
            region = self.region_of(other, 0)
            if one is not other and region and proof.operation != "DeriveSharedSecret":
                given = {**proof.parameters, "KeyId": other.life.id}
                answer = self.ask(ROOTS[other.account], region, proof.operation, **given)
                same = not isinstance(answer, KmsError) and proof.answer.items() <= answer.items()
                assert not same, proof.operation
            region = self.region_of(one, 0)
            if region and proof.operation == "Decrypt":
                given = {**proof.parameters, "EncryptionContext": {"other": "context"}}
                answer = self.ask(ROOTS[one.account], region, "Decrypt", **given)
                assert isinstance(answer, KmsError)
                assert answer.code in {"InvalidCiphertextException", "DisabledException", "KMSInvalidStateException"}
