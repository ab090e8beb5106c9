import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.manifest.desire import desire
from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.target import Target
from tests.manifest.build import loaded, manifest, refused


def test_every_kind_is_loaded_with_its_name_and_place():
    manifests = loaded(
        manifest("Key", "payments", "{policyRef: {name: standard}, targetRef: {name: eu}}"),
        manifest("Alias", "current", "{name: payments, keyRef: {name: payments}, targetRef: {name: eu}}")
        + manifest("KeyPolicy", "standard", "{administrators: [role/admin]}")
        + manifest("Grant", "batch", "{key: alias/x, granteePrincipal: role/x, operations: [Decrypt]}")
        + manifest("Target", "eu", "{backend: local, region: eu-central-1}"),
    )
    assert manifests.count == 5
    assert [(str(document), str(document.position)) for document in manifests.documents] == [
        ("Key/payments", "1.yaml:2:1"),
        ("Alias/current", "2.yaml:2:1"),
        ("KeyPolicy/standard", "2.yaml:7:1"),
        ("Grant/batch", "2.yaml:12:1"),
        ("Target/eu", "2.yaml:17:1"),
    ]
    assert manifests.names(ManifestKind.KEY) == ("payments",)
    assert manifests.get(ManifestKind.KEY, "nobody") is None
    assert manifests.of_kind(ManifestKind.GRANT)[0].name == "batch"


def test_a_target_is_what_its_manifest_says():
    targets = loaded(
        manifest(
            "Target",
            "prod",
            "{backend: aws, region: eu-central-1, accountId: 012345678901, allowedAccountIds: [012345678901],"
            " profile: p, roleArn: 'arn:aws:iam::012345678901:role/x', externalId: ext, endpointUrl: 'http://localhost:1'}",
        )
    ).targets
    (target,) = targets.values()
    assert target == Target(
        name="prod",
        backend="aws",
        region="eu-central-1",
        account_id="012345678901",
        allowed_account_ids=("012345678901",),
        profile="p",
        role_arn="arn:aws:iam::012345678901:role/x",
        external_id="ext",
        endpoint_url="http://localhost:1",
        position=target.position,
    )
    assert str(target.position) == "1.yaml:2:1"


def test_a_profile_can_stand_for_the_region_of_a_target():
    assert loaded(manifest("Target", "t", "{backend: aws, profile: p}")).targets["t"].region is None


def test_all_errors_of_all_files_are_told_in_the_order_of_the_files():
    faults = refused(
        manifest("Key", "z", "{enabled: 1}") + "---\nkind: [",
        manifest("Key", "a", "{keySpec: RSA_2048}") + manifest("Key", "z", "{}"),
        manifest("Alias", "x", "{name: a, keyRef: {name: b}}") + manifest("Key", "p", "{policy: {users: [x]}}"),
    )
    assert [(fault.position.file, fault.position.line, fault.name) for fault in faults] == [
        ("1.yaml", 5, "wrong-type"),
        ("1.yaml", 7, "invalid-yaml"),
        ("2.yaml", 5, "key-usage-needed"),
        ("2.yaml", 9, "duplicate-name"),
        ("3.yaml", 5, "dangling-reference"),
        ("3.yaml", 10, "invalid-policy"),
    ]


def test_a_reference_to_a_manifest_with_faults_is_no_further_fault():
    faults = refused(manifest("Key", "k", "{enabled: 1}") + manifest("Alias", "a", "{name: a, keyRef: {name: k}}"))
    assert [fault.name for fault in faults] == ["wrong-type"]
    faults = refused(
        manifest("Key", "k", "{description: !x y}") + manifest("Alias", "a", "{name: a, keyRef: {name: k}}")
    )
    assert [fault.name for fault in faults] == ["unknown-tag"]


def test_what_a_fault_of_yaml_left_out_is_not_told_as_missing():
    faults = refused(manifest("Alias", "a", "{name: x, ? [keyRef] : {name: k}}"))
    assert [fault.name for fault in faults] == ["complex-yaml-key"]


def test_a_manifest_without_a_name_is_told_by_its_kind():
    (fault,) = refused("apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {}\nspec: {}\n")
    assert fault.what.startswith("Key: `metadata.name` is missing")


def test_names_of_different_kinds_do_not_collide():
    assert loaded(manifest("Key", "x", "{}") + manifest("Alias", "x", "{name: x, keyRef: {name: x}}")).count == 2


def test_the_same_alias_can_exist_in_several_targets():
    both = manifest("Target", "eu", "{backend: local}") + manifest("Key", "k", "{aliases: [a]}")
    assert loaded(both + manifest("Key", "k2", "{aliases: [a], targetRef: {name: eu}}")).count == 3


def test_the_built_in_target_needs_no_manifest():
    assert loaded(manifest("Key", "k", "{targetRef: {name: local}}")).count == 1


def test_a_run_that_finds_nothing_is_told_so():
    with pytest.raises(InvalidInput) as caught:
        load([Source("folder/values.yaml", "replicas: 1", only_manifests=False)])
    assert [fault.name for fault in caught.value.diagnostics] == ["no-manifests"]
    with pytest.raises(InvalidInput) as caught:
        load([])
    assert [fault.name for fault in caught.value.diagnostics] == ["no-manifests"]


def test_labels_annotations_and_namespace_are_kept_for_kubernetes():
    text = manifest("Key", "k", "{}").replace(
        "{name: k}", "{name: k, namespace: n, labels: {a: b}, annotations: {c: d}}"
    )
    assert loaded(text).count == 1


@pytest.mark.no_cover  # three times as long under coverage
def test_ten_thousand_manifests_are_loaded():
    text = "".join(manifest("Key", f"k{number}", f"{{aliases: [a{number}]}}") for number in range(10_000))
    assert loaded(text).count == 10_000


def test_a_manifest_of_five_megabytes_is_refused_for_the_field_that_is_too_long():
    (fault,) = refused(manifest("Key", "k", "{description: " + "x" * 5_000_000 + "}"))
    assert (fault.name, str(fault.position)) == ("wrong-length", "1.yaml:5:21")
    assert len(fault.what) < 300


@pytest.mark.parametrize("hostile", ["\\e]0;title\\a", "<script>alert(1)</script>", "\\u202egnp", "a" * 100_000])
def test_hostile_names_are_refused_and_not_repeated_as_they_are(hostile):
    for text in (
        manifest("Key", f'"{hostile}"', "{}"),
        manifest("Key", "k", f'{{"{hostile}": 1, aliases: ["{hostile}"]}}'),
    ):
        for fault in refused(text):
            for line in (fault.what, fault.why, fault.fix):
                assert line.isprintable()
                assert len(line) < 1000


def test_hostile_descriptions_are_data():
    hostile = '"\\e[31m <b> \\0 ${jndi:x} \\u202e"'
    assert loaded(manifest("Key", "k", f"{{description: {hostile}}}")).count == 1


@pytest.mark.parametrize(
    "spec",
    [
        "{" + ", ".join(f"f{n}: 1" for n in range(5_000)) + "}",
        "{policy: {statements: [" + ", ".join(["{Effect: Alow}"] * 5_000) + "]}}",
    ],
    ids=["unknown fields", "statements"],
)
def test_a_document_of_nothing_but_faults_is_told_in_its_first_ones(spec):
    with pytest.raises(InvalidInput) as caught:
        desire(load([Source("keys.yaml", manifest("Key", "k", spec))]), stack="default", accounts={})
    names = [fault.name for fault in caught.value.diagnostics]
    assert len(names) == 201
    assert names.count("too-many-faults") == 1
