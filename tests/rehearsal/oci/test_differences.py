"""What differs, and whether that can be done in place."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.oci import schema
from rehearsal.oci.catalogue import TYPES
from rehearsal.oci.differences import compare, live, merge
from rehearsal.standin.provider import Change
from rehearsal.standin.values import UNKNOWN

CLUSTER = schema.read("containerengine.Cluster").inputs
NODE_POOL = schema.read("containerengine.NodePool").inputs
VCN = schema.read("core.Vcn").inputs
SETS = TYPES["oci:ContainerEngine/nodePool:NodePool"].sets

OLD_POOL: dict[str, Any] = {
    "nodeShape": "VM.Standard.E4.Flex",
    "nodeConfigDetails": {
        "size": 5,
        "nsgIds": ["a", "b"],
        "placementConfigs": [{"availabilityDomain": "AD", "subnetId": "s", "faultDomains": ["1"]}],
    },
    "nodeMetadata": {"user_data": "x"},
}


def changed_pool(**details: Any) -> dict[str, Change]:
    new = {**OLD_POOL, "nodeConfigDetails": {**OLD_POOL["nodeConfigDetails"], **details}}
    return compare(NODE_POOL, OLD_POOL, new, SETS)


def test_equal_inputs_do_not_differ() -> None:
    assert compare(NODE_POOL, OLD_POOL, dict(OLD_POOL), SETS) == {}


def test_an_updatable_property_changes_in_place() -> None:
    assert compare(VCN, {"displayName": "a"}, {"displayName": "b"}, ()) == {
        "displayName": Change.UPDATE
    }


def test_any_other_forces_a_replacement() -> None:
    assert compare(VCN, {"dnsLabel": "a"}, {"dnsLabel": "b"}, ()) == {
        "dnsLabel": Change.UPDATE_REPLACE
    }
    assert compare(VCN, {}, {"dnsLabel": "b"}, ()) == {"dnsLabel": Change.ADD_REPLACE}


def test_a_nested_field_decides_for_itself() -> None:
    assert changed_pool(size=6) == {"nodeConfigDetails.size": Change.UPDATE}
    assert changed_pool(computeClusterId="c") == {
        "nodeConfigDetails.computeClusterId": Change.ADD_REPLACE
    }


def test_the_day_zero_decisions_of_a_cluster_force_a_replacement() -> None:
    old: dict[str, Any] = {
        "kmsKeyId": "k",
        "endpointConfig": {"subnetId": "s", "isPublicIpEnabled": False},
        "clusterPodNetworkOptions": [{"cniType": "OCI_VCN_IP_NATIVE"}],
    }
    for new in (
        {**old, "kmsKeyId": "other"},
        {**old, "endpointConfig": {"subnetId": "s", "isPublicIpEnabled": True}},
        {**old, "clusterPodNetworkOptions": [{"cniType": "FLANNEL_OVERLAY"}]},
    ):
        (change,) = compare(CLUSTER, old, new, ()).values()
        assert change is Change.UPDATE_REPLACE


def test_lists_are_compared_item_by_item() -> None:
    old = {"cidrBlocks": ["10.0.0.0/16", "10.1.0.0/16"]}
    assert compare(VCN, old, {"cidrBlocks": ["10.0.0.0/16"]}, ()) == {
        "cidrBlocks[1]": Change.DELETE
    }
    assert compare(VCN, old, {"cidrBlocks": ["10.2.0.0/16", "10.1.0.0/16"]}, ()) == {
        "cidrBlocks[0]": Change.UPDATE
    }


def test_the_order_of_a_set_means_nothing() -> None:
    assert changed_pool(nsgIds=["b", "a"]) == {}
    assert changed_pool(nsgIds=["b", "c"]) != {}


def test_the_order_of_a_list_matters() -> None:
    placement: dict[str, Any] = {
        "availabilityDomain": "AD",
        "subnetId": "s",
        "faultDomains": ["1", "2"],
    }
    turned: dict[str, Any] = {**placement, "faultDomains": ["2", "1"]}
    old: dict[str, Any] = {"nodeConfigDetails": {"size": 5, "placementConfigs": [placement]}}
    new: dict[str, Any] = {"nodeConfigDetails": {"size": 5, "placementConfigs": [turned]}}
    assert set(compare(NODE_POOL, old, new, SETS)) == {
        "nodeConfigDetails.placementConfigs[0].faultDomains[0]",
        "nodeConfigDetails.placementConfigs[0].faultDomains[1]",
    }


def test_what_an_element_no_longer_says_makes_another_element() -> None:
    placements = [{"availabilityDomain": "AD", "subnetId": "s"}]
    assert changed_pool(placementConfigs=placements) == {
        "nodeConfigDetails.placementConfigs[0]": Change.UPDATE
    }


def test_maps_are_compared_key_by_key() -> None:
    old = {"freeformTags": {"a": "1", "b": "2"}}
    assert compare(VCN, old, {"freeformTags": {"a": "3", "c": "4"}}, ()) == {
        "freeformTags.a": Change.UPDATE,
        "freeformTags.b": Change.DELETE,
        "freeformTags.c": Change.ADD,
    }


def test_an_optional_property_that_is_no_longer_given_keeps_its_value() -> None:
    assert compare(VCN, {"dnsLabel": "a", "displayName": "b"}, {}, ()) == {}
    assert merge({"displayName": "b"}, {}) == {"displayName": "b"}


def test_an_unknown_value_is_a_change() -> None:
    assert compare(VCN, {"dnsLabel": "a"}, {"dnsLabel": UNKNOWN}, ()) == {
        "dnsLabel": Change.UPDATE_REPLACE
    }


def test_merging_goes_into_objects_and_not_into_the_users_maps() -> None:
    old: dict[str, Any] = {
        "nodeConfigDetails": {"size": 5, "kmsKeyId": "k"},
        "freeformTags": {"a": "1"},
    }
    new: dict[str, Any] = {"nodeConfigDetails": {"size": 6}, "freeformTags": {"b": "2"}}
    assert merge(old, new) == {
        "nodeConfigDetails": {"size": 6, "kmsKeyId": "k"},
        "freeformTags": {"b": "2"},
    }


@pytest.mark.parametrize("token", sorted(TYPES))
def test_a_default_list_or_table_is_replaced_only_by_another(token: str) -> None:
    kind = TYPES[token]
    documented = [it for it in schema.read(kind.sdk_class).inputs.values() if it.documented]
    assert bool(documented) is not kind.all_updatable


def test_what_the_cloud_adds_is_not_taken_for_an_input() -> None:
    given: dict[str, Any] = {"services": [{"serviceId": "a"}], "freeformTags": {"b": "1"}}
    outputs: dict[str, Any] = {
        "services": [{"serviceId": "a", "serviceName": "A"}],
        "freeformTags": {"b": "2", "c": "3"},
        "state": "AVAILABLE",
    }
    assert live(given, outputs) == {
        "services": [{"serviceId": "a"}],
        "freeformTags": {"b": "2"},
    }


def test_an_item_that_came_or_went_is_seen() -> None:
    assert live({"cidrBlocks": ["a"]}, {"cidrBlocks": ["a", "b"]}) == {"cidrBlocks": ["a", "b"]}
    assert live({"cidrBlocks": ["a"]}, {"cidrBlocks": []}) == {"cidrBlocks": []}
