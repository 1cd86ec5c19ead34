"""The plugin's patches, as data: what real Tutor makes of them is tests/handover's business."""

from __future__ import annotations

from typing import Any

import yaml

from components.openedx import plugin, serving, tutor
from components.openedx.workloads import NAMES, WITH_VOLUME
from tests.components.openedx.facts import pool, spec, stage


def documents(patch: str) -> dict[tuple[str, str], Any]:
    found = [part for part in yaml.safe_load_all(plugin.patches(spec(), stage())[patch]) if part]
    by_name = {(part["kind"], part["metadata"]["name"]): part["spec"] for part in found}
    assert len(by_name) == len(found)
    return by_name


def test_patches_go_where_tutor_has_a_place_for_them() -> None:
    assert set(plugin.patches(spec(), stage())) == {
        "k8s-deployments",
        "k8s-override",
        "kustomization-patches",
        "openedx-common-settings",
        "uwsgi-config",
    }


def test_no_patch_is_a_template_or_holds_a_secret() -> None:
    for text in plugin.patches(spec(), stage()).values():
        assert not any(mark in text for mark in ("{{", "{%", "{#", "${secret:"))


def test_the_same_settings_give_the_same_text() -> None:
    assert plugin.patches(spec(), stage()) == plugin.patches(spec(), stage())


def test_the_lms_is_guaranteed_and_alone() -> None:
    lms = documents("k8s-override")["Deployment", "lms"]
    pod = lms["template"]["spec"]
    (container,) = pod["containers"]
    assert lms["replicas"] == 5
    assert lms["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    assert container["resources"]["requests"] == container["resources"]["limits"]
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert pod["priorityClassName"] == "first"
    (term,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["topologyKey"] == "kubernetes.io/hostname"
    assert pod["tolerations"] == [
        {"key": "openedx-large/pool", "operator": "Equal", "value": "lms", "effect": "NoSchedule"}
    ]


def test_everything_else_is_sized_and_tolerates_nothing() -> None:
    override = documents("k8s-override")
    assert {name for kind, name in override if kind == "Deployment"} == NAMES | {"lms"}
    for name in NAMES:
        pod = override["Deployment", name]["template"]["spec"]
        (container,) = pod["containers"]
        resources = container["resources"]
        assert container["name"] == name
        assert resources["limits"] == {"memory": resources["requests"]["memory"]}
        assert pod["priorityClassName"] == ("store" if name in WITH_VOLUME else "rest")
        keys = {toleration["key"] for toleration in pod.get("tolerations", ())}
        assert not any(key.startswith("openedx-large/") for key in keys)
        assert "affinity" not in pod


def test_volumes_are_retained_by_their_class() -> None:
    claims = {
        name: body
        for (kind, name), body in documents("k8s-override").items()
        if kind == "PersistentVolumeClaim"
    }
    assert set(claims) == WITH_VOLUME
    assert {claim["storageClassName"] for claim in claims.values()} == {"retaining"}
    assert claims["mysql"]["resources"]["requests"]["storage"] == "200Gi"


def test_only_what_has_several_pods_has_a_budget() -> None:
    budgets = documents("k8s-deployments")
    assert {name for _, name in budgets} == {
        "caddy", "cms", "cms-worker", "lms", "lms-worker", "mfe",
    }  # fmt: skip
    assert {kind for kind, _ in budgets} == {"PodDisruptionBudget"}
    for budget in budgets.values():
        assert budget["maxUnavailable"] == 1
        assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_jobs_are_sized_by_the_settings_and_give_way_to_data() -> None:
    job = {"cpu_millicores": 700, "memory_mib": 5000}
    patches = yaml.safe_load(plugin.patches(spec(job=job), stage())["kustomization-patches"])
    (patch,) = (one["patch"] for one in patches if one["target"] == {"kind": "Job"})
    added = {one["path"].rpartition("/")[2]: one["value"] for one in yaml.safe_load(patch)}
    assert added == {
        "priorityClassName": "rest",
        "resources": {
            "requests": {"cpu": "700m", "memory": "5000Mi"},
            "limits": {"memory": "5000Mi"},
        },
    }


def test_a_pod_has_time_to_drain() -> None:
    assert (
        serving.ENDPOINT_SECONDS + serving.DRAIN_SECONDS + serving.MERCY_SECONDS
        < serving.GRACE_SECONDS
    )
    (command,) = (
        container["lifecycle"]["preStop"]["exec"]["command"] for container in [serving.container()]
    )
    assert command[:2] == ["sh", "-c"]
    assert f"sleep {serving.ENDPOINT_SECONDS}\n" in command[2]
    assert ":1F40 " in command[2]
    assert int("1F40", 16) == serving.PORT


def test_no_probe_of_a_running_pod_waits_behind_requests() -> None:
    probes = serving.container()
    for name in ("readinessProbe", "livenessProbe"):
        assert probes[name]["tcpSocket"] == {"port": 8000}
        assert "httpGet" not in probes[name]
        assert "exec" not in probes[name]


def test_no_probe_asks_open_edx() -> None:
    assert probes_paths() == {"/startupz"}
    assert "static-map = /startupz=" in serving.uwsgi_config(spec())


def probes_paths() -> set[str]:
    probes = serving.container()
    return {
        probe["httpGet"]["path"]
        for name, probe in probes.items()
        if name.endswith("Probe") and "httpGet" in probe
    }


def test_buffers_are_those_of_the_settings() -> None:
    lines = serving.uwsgi_config(
        spec(uwsgi_buffer_size_bytes=32768, uwsgi_post_buffering_bytes=65536)
    ).splitlines()
    assert lines[:2] == ["buffer-size = 32768", "post-buffering-bufsize = 65536"]


def test_more_requests_wait_than_uwsgi_lets_by_default() -> None:
    assert "listen = 1024" in serving.uwsgi_config(spec()).splitlines()
    assert "listen = 128" in serving.uwsgi_config(spec(uwsgi_listen=128)).splitlines()


def test_every_secret_of_the_configuration_is_a_placeholder() -> None:
    config = tutor.config(spec(), lms_pool=pool())
    assert {key for key, value in config.items() if "${secret:" in str(value)} == set(
        tutor.SECRET_KEYS
    )
    assert config["OPENEDX_LMS_UWSGI_WORKERS"] == 5
    assert config["K8S_NAMESPACE"] == "openedx"
    assert config["ENABLE_WEB_PROXY"] is False
    assert config["ENABLE_HTTPS"] is True
    assert config["MFE_HOST"] == "apps.learn.example.com"


def test_sites_are_reached_over_https() -> None:
    assert tutor.endpoints(spec(mfe_host="mfe.learn.example.com")) == {
        "lms": "https://learn.example.com",
        "cms": "https://studio.example.com",
        "mfe": "https://mfe.learn.example.com",
    }


def test_datastores_are_tutors_own() -> None:
    assert {name: store["mode"] for name, store in tutor.datastores().items()} == dict.fromkeys(
        ("mysql", "mongodb", "redis", "search"), "tutor"
    )
