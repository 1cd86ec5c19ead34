"""Every mistake in a stack file is named with its place, its value and the remedy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from components.openedx.layouts import LAYOUTS
from tests.components.settings.stack import FILE, GONE, but, errors, lines, loaded, said

SHAPES = "one of VM.Standard.E3.Flex, VM.Standard.E4.Flex, VM.Standard3.Flex"
POOL_KEYS = "boot_volume_gb, cycling, dedicated, max_pods, memory_gb, nodes, ocpus, reserved, shape"
KUBERNETES = 'a release with its patch number, in quotes and without "v", e.g. "1.34.1"'
BLOCK = "an IPv4 block in CIDR notation, e.g. 10.0.0.0/16"
PRIVATE = "a private block: inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"
HOST = "a DNS name in lower case, without scheme or port, e.g. learn.example.com"
TEXT = "one line of text without quotes or backslashes: it ends in Python files"
TEMPLATE = "text without {{, {%, {# or ${: Tutor would take it for a template"
COMPARTMENT = "an OCID that starts with ocid1.compartment.oc1.. or ocid1.tenancy.oc1.."


def test_the_committed_stack_is_the_seven_node_platform() -> None:
    settings = loaded(said())
    assert {name: pool.nodes for name, pool in settings.node_pools.items()} == {
        "lms": 5,
        "general": 2,
    }
    for pool in settings.node_pools.values():
        assert pool.shape == "VM.Standard.E4.Flex"
        assert (pool.ocpus, pool.memory_gb, pool.boot_volume_gb) == (30, 128, 80)
    assert settings.openedx.uwsgi_workers == 5
    assert settings.openedx.uwsgi_buffer_size_bytes == 16000
    assert settings.openedx.uwsgi_post_buffering_bytes == 8192
    assert settings.protection is True
    assert settings.node_pools["lms"].dedicated
    assert not settings.node_pools["general"].dedicated


def test_a_host_is_held_for_each_node_unless_more_are_asked_for() -> None:
    pools = loaded(but({"node_pools": {"general": {"reserved": 3}}})).node_pools
    assert {name: pool.hosts for name, pool in pools.items()} == {"lms": 5, "general": 3}
    assert pools["general"].nodes == 2


def test_an_error_reads_as_the_contract_says() -> None:
    (line,) = lines(but({"node_pools": {"lms": {"ocpus": 300}}}))
    assert line == (
        "stacks/Pulumi.oci-jeddah.yaml: platform.node_pools.lms.ocpus: 300 — "
        "VM.Standard.E4.Flex offers 1 to 64"
    )


WRONG: list[tuple[str, Any, str]] = [
    # Kinds of value.
    ("cloud.provider", "azure", "cloud.provider: azure — oci"),
    ("cloud.provider", 5, "cloud.provider: 5 — oci"),
    ("cluster.kubernetes", 1.34, "cluster.kubernetes: 1.34 — text: YAML reads this as a number, "
     'put it in quotes, with its patch number, e.g. "1.34.1"'),
    ("cluster.kubernetes", "1.34", f'cluster.kubernetes: "1.34" — {KUBERNETES}'),
    ("cluster.kubernetes", "v1.34.1", f"cluster.kubernetes: v1.34.1 — {KUBERNETES}"),
    ("node_pools.lms.nodes", "5", 'node_pools.lms.nodes: "5" — a whole number: take it out of the '
     "quotes"),
    ("node_pools.lms.nodes", "five", "node_pools.lms.nodes: five — a whole number"),
    ("node_pools.lms.nodes", 5.5, "node_pools.lms.nodes: 5.5 — a whole number"),
    ("node_pools.lms.nodes", True, "node_pools.lms.nodes: true — a whole number"),
    ("node_pools.lms.nodes", None, "node_pools.lms.nodes: null — a whole number"),
    ("node_pools.lms.nodes", 0, "node_pools.lms.nodes: 0 — at least 1"),
    ("node_pools.lms.nodes", -5, "node_pools.lms.nodes: -5 — at least 1"),
    ("node_pools.lms", [1], "node_pools.lms: [1] — a mapping of settings"),
    ("node_pools", 7, "node_pools: 7 — a mapping of names to settings"),
    ("cloud.residency", "me-jeddah-1", "cloud.residency: me-jeddah-1 — a list"),
    ("protection", "of", "protection: of — on or off"),
    ("protection", 1, "protection: 1 — on or off"),
    ("layout", "seven", "layout: seven — seven-node or custom"),
    # Keys.
    ("node_pools.lms.nodez", 5, f"node_pools.lms.nodez: 5 — unknown; did you mean nodes? known "
     f"here: {POOL_KEYS}"),
    ("clowd", {}, "clowd: {} — unknown; did you mean cloud? known here: capacity, cloud, cluster, "
     "layout, network, node_pools, openedx, protection"),
    # Machines.
    ("node_pools.lms.shape", "VM.Standard.E9.Flex",
     f"node_pools.lms.shape: VM.Standard.E9.Flex — {SHAPES}"),
    ("node_pools.lms.ocpus", 65, "node_pools.lms.ocpus: 65 — VM.Standard.E4.Flex offers 1 to 64"),
    ("node_pools.lms.memory_gb", 29, "node_pools.lms.memory_gb: 29 — VM.Standard.E4.Flex with 30 "
     "OCPUs offers 30 to 1024 GB"),
    ("node_pools.lms.memory_gb", 1025, "node_pools.lms.memory_gb: 1025 — VM.Standard.E4.Flex with "
     "30 OCPUs offers 30 to 1024 GB"),
    ("node_pools.general.boot_volume_gb", 49,
     "node_pools.general.boot_volume_gb: 49 — at least 50"),
    ("node_pools.general.boot_volume_gb", 32769,
     "node_pools.general.boot_volume_gb: 32769 — at most 32768"),
    ("node_pools.general.max_pods", 111, "node_pools.general.max_pods: 111 — at most 110 on "
     "VM.Standard.E4.Flex with 30 OCPUs: 31 for each VNIC but the first, and 110 in all"),
    ("node_pools.lms.reserved", 4, "node_pools.lms.reserved: 4 — at least nodes, 5: each node runs "
     "on a reserved host"),
    ("node_pools.lms.reserved", "6", 'node_pools.lms.reserved: "6" — a whole number: take it out '
     "of the quotes"),
    ("node_pools.lms.cycling", "instances",
     "node_pools.lms.cycling: instances — boot-volume, instance or none"),
    ("capacity.fault_domains", "all", "capacity.fault_domains: all — spread or any"),
    ("node_pools.lms.dedicated", "off",
     "node_pools.lms.dedicated: false — on: nothing may share a node with an LMS pod"),
    ("node_pools.general.dedicated", True,
     "node_pools.general.dedicated: true — off: what runs here tolerates no taint"),
    # Networks.
    ("network.nodes_cidr", "10.0.4.0", f"network.nodes_cidr: 10.0.4.0 — {BLOCK}"),
    ("network.nodes_cidr", "10.0.4.1/24",
     "network.nodes_cidr: 10.0.4.1/24 — a block starts at its own first address: 10.0.4.0/24"),
    ("network.services_cidr", "8.8.8.0/24", f"network.services_cidr: 8.8.8.0/24 — {PRIVATE}"),
    ("network.services_cidr", "100.64.0.0/16", f"network.services_cidr: 100.64.0.0/16 — {PRIVATE}"),
    ("network.services_cidr", "10.0.64.0/20", "network.services_cidr: 10.0.64.0/20 — a block that "
     "does not overlap vcn_cidr, 10.0.0.0/16"),
    ("network.databases_cidr", "10.1.0.0/24",
     "network.databases_cidr: 10.1.0.0/24 — a block inside vcn_cidr, 10.0.0.0/16"),
    ("network.databases_cidr", "10.0.4.0/25", "network.databases_cidr: 10.0.4.0/25 — a block that "
     "does not overlap nodes_cidr, 10.0.4.0/24"),
    ("network.nodes_cidr", "10.0.4.0/29", "network.nodes_cidr: 10.0.4.0/29 — too small: 7 "
     "addresses for 7 nodes need a /28 or larger"),
    ("network.pods_cidr", "10.0.128.0/23", "network.pods_cidr: 10.0.128.0/23 — too small: 896 "
     "addresses for the pods of 7 nodes need a /22 or larger"),
    ("network.load_balancers_cidr", "10.0.2.0/29", "network.load_balancers_cidr: 10.0.2.0/29 — "
     "too small: 8 addresses for load balancers need a /28 or larger"),
    ("network.vcn_cidr", "10.0.0.0/15",
     "network.vcn_cidr: 10.0.0.0/15 — OCI makes networks from /16 to /30"),
    # Regions and identifiers.
    ("cloud.residency", ["me-riyadh-1"],
     "cloud.region: me-jeddah-1 — one of the residency list: me-riyadh-1"),
    ("cloud.residency", [], "cloud.residency: [] — a list of at least 1"),
    ("cloud.home_region", "Jeddah",
     "cloud.home_region: Jeddah — a region identifier of OCI, e.g. me-jeddah-1"),
    ("cloud.compartment_id", "ocid1.instance.oc1..x",
     f"cloud.compartment_id: ocid1.instance.oc1..x — {COMPARTMENT}"),
    ("cloud.tenancy_id", "ocid1.compartment.oc1..x", "cloud.tenancy_id: ocid1.compartment.oc1..x — "
     "an OCID that starts with ocid1.tenancy.oc1.."),
    # Open edX.
    ("openedx.lms_host", "https://learn.example.com",
     f"openedx.lms_host: https://learn.example.com — {HOST}"),
    ("openedx.lms_host", "Learn.example.com", f"openedx.lms_host: Learn.example.com — {HOST}"),
    ("openedx.lms_host", "localhost", f"openedx.lms_host: localhost — {HOST}"),
    ("openedx.lms_host", "10.0.0.1",
     "openedx.lms_host: 10.0.0.1 — a DNS name, not an address, e.g. learn.example.com"),
    ("openedx.cms_host", "learn.example.com",
     "openedx.cms_host: learn.example.com — a name that is not lms_host's"),
    ("openedx.mfe_host", "studio.example.com",
     "openedx.mfe_host: studio.example.com — a name that is not cms_host's"),
    ("openedx.mfe_host", "apps.example.com", "openedx.mfe_host: apps.example.com — a subdomain of "
     "lms_host, e.g. apps.learn.example.com: they share a cookie"),
    ("openedx.contact_email", "ops", "openedx.contact_email: ops — an e-mail address, e.g. "
     "ops@example.com"),
    ("openedx.language", "Arabic", "openedx.language: Arabic — a language code, e.g. en or ar"),
    ("openedx.platform_name", 'The "best"', f'openedx.platform_name: "The \\"best\\"" — {TEXT}'),
    ("openedx.platform_name", "{{ LMS_HOST }}",
     f'openedx.platform_name: "{{{{ LMS_HOST }}}}" — {TEMPLATE}'),
    ("openedx.uwsgi_workers", 0, "openedx.uwsgi_workers: 0 — at least 1, or auto"),
    ("openedx.uwsgi_workers", "many", "openedx.uwsgi_workers: many — a whole number, or auto"),
    ("openedx.uwsgi_buffer_size_bytes", 70_000,
     "openedx.uwsgi_buffer_size_bytes: 70000 — at most 65535"),
    ("openedx.workloads.mysql.replicas", 2, "openedx.workloads.mysql.replicas: 2 — 1: its volume "
     "is mounted by one pod at a time"),
    ("openedx.workloads.cms.volume_gb", 50,
     "openedx.workloads.cms.volume_gb: 50 — nothing: cms has no volume"),
    # What fits.
    ("openedx.mysql_max_connections", 60, "openedx.mysql_max_connections: 60 — at least 67: one "
     "for each uWSGI worker and Celery process, and some spare"),
    # Secrets.
    ("openedx.smtp_password", "hunter2", "openedx.smtp_password: (hidden) — secrets are never "
     "inside the platform object: take it out and run `pulumi config set --secret "
     "openedx-large:smtpPassword`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    WRONG,
    ids=[f"{path}={value}" for path, value, _ in WRONG],
)
def test_one_mistake_is_one_line(path: str, value: Any, expected: str) -> None:
    assert errors({path: value}) == [expected]


def test_a_name_that_no_pool_can_have() -> None:
    found = errors({"node_pools": {"LMS!": {"nodes": 1}}})
    assert 'node_pools["LMS!"]: "LMS!" — a pool\'s name: lower case, digits, hyphens' in found


def test_a_workload_that_tutor_does_not_render() -> None:
    workload = {"replicas": 1, "cpu_millicores": 1, "memory_mib": 1}
    (line,) = errors({"openedx.workloads": {"mysq": workload}})
    assert line.startswith("openedx.workloads.mysq: ")
    assert line.endswith(
        "— Tutor renders these: caddy, cms, cms-worker, lms-worker, meilisearch, mfe, mongodb, "
        "mysql, redis, smtp"
    )


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("cloud", "required"),
        ("cloud.region", "required: The region of everything that holds data."),
        ("cluster.kubernetes", "required: Kubernetes version of the control plane"),
        ("openedx.lms_host", "required: The learners' site."),
    ],
)
def test_what_is_missing_is_described(path: str, remedy: str) -> None:
    (line,) = errors({path: GONE})
    assert line.startswith(f"{path}: (missing) — {remedy}")


def test_a_missing_layout_hides_nothing_else() -> None:
    assert [line.split(":")[0] for line in errors({"layout": GONE, "openedx.language": "?"})] == [
        "layout",
        "openedx.language",
    ]


def test_more_pods_than_fit_on_the_general_pool() -> None:
    (line,) = errors({"node_pools": {"general": {"nodes": 1, "ocpus": 20}}})
    assert line.startswith("node_pools.general.nodes: 1 — more pods than fit (")
    assert "of lms-worker" in line or "of cms" in line


def test_a_single_pod_that_no_node_takes() -> None:
    (line,) = errors({"openedx.workloads": {"mysql": {"memory_mib": 200_000}}})
    assert "more pods than fit (1 of mysql)" in line


def test_an_lms_node_too_small_for_its_pod() -> None:
    (line,) = errors({"node_pools": {"lms": {"ocpus": 1, "memory_gb": 2, "max_pods": 31}}})
    assert line.startswith("node_pools.lms.ocpus: 1 — a larger machine: ")


def test_more_workers_than_memory() -> None:
    changes = {"openedx.uwsgi_workers": 200, "openedx.mysql_max_connections": 2000}
    assert errors(changes) == [
        "openedx.uwsgi_workers: 200 — at most 122: a worker needs 1024 MiB and an LMS pod has "
        "125157 MiB"
    ]


def test_another_region_than_the_providers() -> None:
    assert errors({"cloud.region": "me-riyadh-1"}) == [
        "cloud.region: me-riyadh-1 — the same region as oci:region, which is me-jeddah-1"
    ]


def test_a_custom_layout_needs_its_pools_in_full() -> None:
    (line,) = errors({"layout": "custom"})
    assert line.startswith("node_pools: (missing) — required")
    found = errors({"layout": "custom", "node_pools": {"lms": {"nodes": 3}}})
    assert {line.split(":")[0] for line in found} == {
        f"node_pools.lms.{key}"
        for key in ("shape", "ocpus", "memory_gb", "boot_volume_gb", "max_pods", "dedicated")
    } | {"node_pools.general"}


def test_a_custom_layout_with_its_pools_is_valid() -> None:
    pool = {
        "nodes": 2,
        "shape": "VM.Standard3.Flex",
        "ocpus": 32,
        "memory_gb": 256,
        "boot_volume_gb": 50,
        "max_pods": 62,
    }
    settings = loaded(
        but(
            {
                "layout": "custom",
                "node_pools": {"lms": {**pool, "dedicated": "on"}, "general": pool, "gpu": pool},
            }
        )
    )
    assert set(settings.node_pools) == {"lms", "general", "gpu"}
    assert settings.openedx.uwsgi_workers == "auto"


@pytest.mark.parametrize(("said_", "meant"), [("on", True), ("off", False), (True, True)])
def test_on_and_off_are_read_as_any_yaml_gives_them(said_: object, meant: bool) -> None:
    assert loaded(but({"protection": said_})).protection is meant


def test_one_mistake_does_not_hide_the_others() -> None:
    found = errors(
        {
            "cloud.region": "eu-frankfurt-1",
            "cluster.kubernetes": 1.34,
            "network": {"nodes_cidr": "10.0.2.0/26", "pods_cidr": "10.9.0.0/24"},
            "node_pools": {"lms": {"ocpus": 300}, "general": {"nodes": "2"}},
            "openedx.cms_host": "learn.example.com",
            "openedx.uwsgi_workers": -1,
            "openedx.color": "blue",
        }
    )
    assert [line.split(" — ")[0] for line in found] == [
        "cloud.region: eu-frankfurt-1",
        "cloud.region: eu-frankfurt-1",
        "cluster.kubernetes: 1.34",
        "network.nodes_cidr: 10.0.2.0/26",
        "network.pods_cidr: 10.9.0.0/24",
        'node_pools.general.nodes: "2"',
        "node_pools.lms.ocpus: 300",
        "openedx.cms_host: learn.example.com",
        "openedx.color: blue",
        "openedx.uwsgi_workers: -1",
    ]


def test_a_rule_says_nothing_of_what_is_wrong_by_itself() -> None:
    """The stand-in for a broken value is nobody's mistake."""
    assert errors({"cloud.residency": ["nowhere"]}) == [
        "cloud.residency[0]: nowhere — a region identifier of OCI, e.g. me-jeddah-1"
    ]


def test_a_secret_makes_every_value_invisible() -> None:
    found = lines(but({"openedx.language": "s3cret"}), secret=True)
    assert len(found) == 2
    assert "s3cret" not in "\n".join(found)
    assert found[0] == (
        f"{FILE}: platform: (hidden) — secrets are never inside the platform object: take it out "
        "and run `pulumi config set --secret openedx-large:<name>`"
    )


def test_a_secret_is_an_error_even_when_all_else_is_right() -> None:
    assert len(lines(said(), secret=True)) == 1


def test_a_secret_inside_something_unknown_is_not_shown() -> None:
    (line,) = lines(but({"openedx.outbound": {"host": "mail", "password": "hunter2"}}))
    assert "hunter2" not in line
    assert "mail" in line


@pytest.mark.parametrize("platform", [None, [], "text", 5, True])
def test_a_platform_that_is_no_mapping(platform: object) -> None:
    (line,) = lines(platform)
    assert line.endswith("— a mapping of settings")
    assert line.startswith(f"{FILE}: platform: ")


def test_yaml_keys_that_are_not_text() -> None:
    odd: dict[Any, Any] = {5: 1, None: 2, True: 3, date(2026, 1, 1): 4}
    found = lines(said() | odd)
    assert len(found) == 4
    assert all("— unknown; known here: " in line for line in found)


def test_a_value_of_several_lines_stays_on_one() -> None:
    (line,) = lines(but({"openedx.language": "e\nn\u2028\u0085x"}))
    assert "\\n" in line


def test_an_arabic_name_is_text_and_stays_legible() -> None:
    assert loaded(but({"openedx.platform_name": "منصة التعلم"})).openedx.platform_name
    (line,) = lines(but({"openedx.language": "عربي"}))
    assert "عربي" in line


def test_loading_changes_neither_the_file_nor_the_layout() -> None:
    before, layouts = said(), repr(LAYOUTS)
    platform = but({"node_pools": {"lms": {"nodes": 4}}})
    copy = but({"node_pools": {"lms": {"nodes": 4}}})
    loaded(platform)
    assert platform == copy
    assert said() == before
    assert repr(LAYOUTS) == layouts
