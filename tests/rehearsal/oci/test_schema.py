"""The SDK is read for what it is, and read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.oci import schema
from rehearsal.oci.catalogue import TYPES
from rehearsal.oci.schema import ResourceSchema


@pytest.fixture(scope="module")
def vcn() -> ResourceSchema:
    return schema.read("core.Vcn")


@pytest.fixture(scope="module")
def node_pool() -> ResourceSchema:
    return schema.read("containerengine.NodePool")


def test_names_are_those_on_the_wire(vcn: ResourceSchema) -> None:
    assert vcn.token == "oci:Core/vcn:Vcn"
    assert "cidrBlocks" in vcn.inputs
    assert "cidr_blocks" not in vcn.inputs
    assert "defaultSecurityListId" in vcn.outputs


def test_required_inputs_are_those_without_a_default(vcn: ResourceSchema) -> None:
    assert [name for name, it in vcn.inputs.items() if it.required] == ["compartmentId"]


def test_updatable_is_what_the_documentation_says(vcn: ResourceSchema) -> None:
    assert vcn.inputs["displayName"].updatable
    assert not vcn.inputs["dnsLabel"].updatable


def test_nested_types_are_read_to_the_leaf(node_pool: ResourceSchema) -> None:
    config = node_pool.inputs["nodeConfigDetails"].shape
    assert config.fields is not None
    assert config.fields["size"].required
    assert config.fields["size"].shape.kind == "integer"
    placements = config.fields["placementConfigs"].shape
    assert placements.kind == "list"
    assert placements.element is not None
    assert placements.element.fields is not None
    assert not placements.element.fields["faultDomains"].required
    assert node_pool.inputs["nodeMetadata"].shape.kind == "map"


def test_every_type_of_the_catalogue_is_in_the_sdk_under_its_token() -> None:
    sdk = schema.load((kind.sdk_class for kind in TYPES.values()), None)
    assert set(sdk.resources) == set(TYPES)
    assert {"region", "tenancyOcid"} <= sdk.provider_inputs


def test_enumerations_and_sets_name_inputs_that_exist() -> None:
    sdk = schema.load((kind.sdk_class for kind in TYPES.values()), None)
    for token, kind in TYPES.items():
        known = set(_paths(sdk.resources[token].inputs))
        assert set(kind.enumerations) <= known, token
        names = {path.rpartition(".")[2] for path in known}
        assert set(kind.sets) <= names, token
        assert kind.unmodelled <= set(sdk.resources[token].outputs), token


def test_the_cache_gives_what_the_sdk_gave(tmp_path: Path) -> None:
    first = schema.load(["core.Vcn", "core.Subnet"], tmp_path)
    (file,) = tmp_path.iterdir()
    assert schema.sdk_version() in file.name
    assert schema.load(["core.Subnet", "core.Vcn"], tmp_path) == first


def test_a_cache_of_other_classes_is_not_used(tmp_path: Path) -> None:
    schema.load(["core.Vcn"], tmp_path)
    assert set(schema.load(["core.Subnet"], tmp_path).resources) == {"oci:Core/subnet:Subnet"}


def _paths(fields: object, path: str = "") -> list[str]:
    assert isinstance(fields, dict)
    found = []
    for name, item in fields.items():
        here = f"{path}.{name}" if path else name
        found.append(here)
        shape = item.shape
        while shape.element is not None:
            shape = shape.element
        if shape.fields is not None:
            found += _paths(shape.fields, here)
    return found
