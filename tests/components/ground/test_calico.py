"""The network policy engine."""

from __future__ import annotations

from typing import Any

import pytest

from components.charts import CALICO_NODE_IMAGE
from components.ground.calico.custom_resources import CALICO_GROUP, CUSTOM_RESOURCES
from components.ground.calico.pods import CALICO_NODE
from components.system_pods import SYSTEM_PODS
from tests.components.conftest import Recording
from tests.components.ground.conftest import ground

DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"


@pytest.fixture(scope="module")
def pod(recording: Recording) -> dict[str, Any]:
    spec: dict[str, Any] = recording.one(DAEMON_SET).inputs["spec"]["template"]["spec"]
    return spec


@pytest.fixture(scope="module")
def container(pod: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod["containers"]
    return dict(only)


def test_a_cloud_that_enforces_policies_itself_gets_no_engine() -> None:
    bare = ground(pod_interface_prefix=None)
    assert not bare.of_type(DAEMON_SET)
    assert not bare.of_type(DEFINITION)


def test_agent_knows_the_clouds_interfaces_and_makes_none(container: dict[str, Any]) -> None:
    environment = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert environment["FELIX_INTERFACEPREFIX"] == "oci"
    assert environment["NO_DEFAULT_POOLS"] == "true"
    assert environment["FELIX_CHAININSERTMODE"] == "Append"
    assert environment["FELIX_IPTABLESMANGLEALLOWACTION"] == "Return"
    assert environment["FELIX_IPTABLESBACKEND"] == "NFT"
    assert environment["CALICO_NETWORKING_BACKEND"] == "none"
    assert "FELIX_TYPHAK8SSERVICENAME" not in environment


def test_the_clouds_cni_is_not_touched(pod: dict[str, Any]) -> None:
    assert "initContainers" not in pod
    paths = [volume["hostPath"]["path"] for volume in pod["volumes"]]
    assert not [path for path in paths if "cni" in path]


def test_agent_is_on_every_node_and_stays(pod: dict[str, Any]) -> None:
    assert pod["priorityClassName"] == "system-node-critical"
    assert {"operator": "Exists", "effect": "NoSchedule"} in pod["tolerations"]
    assert {"operator": "Exists", "effect": "NoExecute"} in pod["tolerations"]


def test_what_the_agent_requests_is_in_the_arithmetic(container: dict[str, Any]) -> None:
    assert container["resources"]["requests"] == {
        "cpu": f"{CALICO_NODE.each.cpu_millicores}m",
        "memory": f"{CALICO_NODE.each.memory_mib}Mi",
    }
    assert CALICO_NODE in SYSTEM_PODS["oci"].daemonsets


def test_image_is_pinned_with_its_registry(container: dict[str, Any]) -> None:
    assert container["image"] == CALICO_NODE_IMAGE
    assert CALICO_NODE_IMAGE.count("/") == 2
    assert not CALICO_NODE_IMAGE.endswith(":latest")


def test_agent_waits_for_its_definitions_its_rights_and_the_nodes(recording: Recording) -> None:
    dependencies = recording.one(DAEMON_SET).dependencies
    assert {made.name for made in recording.of_type(DEFINITION)} <= set(dependencies)
    assert {"ground-calico-account", "ground-calico-binding", "ground-calico-role"} <= set(
        dependencies
    )
    assert "pool" in dependencies


def test_definitions_are_well_formed(recording: Recording) -> None:
    made = {r.inputs["metadata"]["name"]: r.inputs["spec"] for r in recording.of_type(DEFINITION)}
    assert set(made) == {resource.name for resource in CUSTOM_RESOURCES}
    for name, spec in made.items():
        assert name == f"{spec['names']['plural']}.{spec['group']}"
        (version,) = spec["versions"]
        assert version["served"]
        assert version["storage"]


def test_agent_may_watch_each_of_its_kinds_and_nothing_by_wildcard(recording: Recording) -> None:
    role = recording.named("ground-calico-role").inputs
    watched = {
        resource
        for rule in role["rules"]
        if rule["apiGroups"] == [CALICO_GROUP] and "watch" in rule["verbs"]
        for resource in rule["resources"]
    }
    assert watched == {kind.plural for kind in CUSTOM_RESOURCES if kind.group == CALICO_GROUP}
    for rule in role["rules"]:
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
        assert "secrets" not in rule["resources"]
        assert "delete" not in rule["verbs"]
