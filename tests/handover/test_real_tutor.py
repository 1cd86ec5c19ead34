"""What real Tutor and real kustomize make of a hand-over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from components.openedx import tutor
from components.openedx.workloads import NAMES, WITH_VOLUME
from handover import write
from rehearsal import openedx
from tests.handover.conftest import PROJECT, Rendered
from tests.handover.outputs import outputs, secrets


def test_nothing_is_written_outside_the_directory(rendered: Rendered) -> None:
    assert [path for path in rendered.written_elsewhere if not path.endswith("/home")] == []


def test_tutor_is_the_version_that_the_stack_names(rendered: Rendered) -> None:
    assert rendered.text("version").strip() == tutor.VERSION
    pins = (PROJECT.root / "requirements" / "tutor.in").read_text().splitlines()
    assert f"tutor=={tutor.VERSION}" in pins


def test_every_deployment_is_one_that_the_settings_size(rendered: Rendered) -> None:
    assert set(rendered.of_kind("Deployment")) == NAMES | {"lms"}
    assert rendered.of_kind("StatefulSet") == {}
    assert rendered.of_kind("DaemonSet") == {}
    assert set(rendered.of_kind("PersistentVolumeClaim")) == WITH_VOLUME


def test_five_lms_pods_each_fill_a_node_of_their_own(rendered: Rendered) -> None:
    lms = rendered.of_kind("Deployment")["lms"]["spec"]
    pod = lms["template"]["spec"]
    (container,) = pod["containers"]
    assert lms["replicas"] == 5
    assert lms["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
    }
    assert pod["nodeSelector"] == {"openedx-large/pool": "lms"}
    assert [toleration["value"] for toleration in pod["tolerations"]] == ["lms"]
    assert container["resources"]["requests"] == {"cpu": "58570m", "memory": "125157Mi"}
    assert container["resources"]["limits"] == container["resources"]["requests"]
    (term,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    labels = lms["template"]["metadata"]["labels"]
    assert term["topologyKey"] == "kubernetes.io/hostname"
    assert term["labelSelector"]["matchLabels"].items() <= labels.items()


def test_all_the_rest_goes_to_the_general_pool(rendered: Rendered) -> None:
    rest = {name: pod for name, pod in rendered.pods().items() if name != "Deployment/lms"}
    assert {f"Job/{name}-job" for name in ("lms", "cms", "mysql")} <= set(rest)
    for pod in rest.values():
        assert pod["spec"]["nodeSelector"] == {"openedx-large/pool": "general"}
        for toleration in pod["spec"].get("tolerations", ()):
            assert toleration["key"].startswith("node.kubernetes.io/")
            assert toleration["tolerationSeconds"] == 60


def test_every_container_asks_for_cpu_and_memory(rendered: Rendered) -> None:
    for name, pod in rendered.pods().items():
        for container in pod["spec"]["containers"]:
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}, name
            assert "memory" in container["resources"]["limits"], name


def test_what_has_several_pods_is_spread_and_has_a_budget(rendered: Rendered) -> None:
    several = {
        name
        for name, deployment in rendered.of_kind("Deployment").items()
        if deployment["spec"].get("replicas", 1) > 1
    }
    budgets = rendered.of_kind("PodDisruptionBudget")
    assert set(budgets) == several
    for name, budget in budgets.items():
        labels = rendered.pods()[f"Deployment/{name}"]["metadata"]["labels"]
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
        pod = rendered.pods()[f"Deployment/{name}"]["spec"]
        assert "topologySpreadConstraints" in pod or "affinity" in pod
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_lms_and_studio_have_probes_and_stop_gracefully(rendered: Rendered) -> None:
    for name in ("lms", "cms"):
        pod = rendered.pods()[f"Deployment/{name}"]["spec"]
        (container,) = pod["containers"]
        assert container["startupProbe"]["httpGet"]["path"] == "/startupz"
        assert container["readinessProbe"]["tcpSocket"] == {"port": 8000}
        assert container["livenessProbe"]["tcpSocket"] == {"port": 8000}
        assert container["lifecycle"]["preStop"]["exec"]["command"][0] == "sh"
        assert pod["terminationGracePeriodSeconds"] == 120


def test_uwsgi_reads_the_platforms_values_last(rendered: Rendered) -> None:
    ini = [
        line.split(" = ", 1)
        for line in rendered.text("apps/openedx/uwsgi.ini").splitlines()
        if " = " in line
    ]
    values = {key: [value for name, value in ini if name == key] for key, _ in ini}
    assert values["buffer-size"] == ["8192", "16000"]
    assert values["post-buffering-bufsize"] == ["8192"]
    assert values["hook-master-start"] == ["unix_signal:15 gracefully_kill_them_all"]
    assert values["listen"] == ["1024"]
    # These add up: a list of two, in which "close" decides.
    assert values["add-header"] == ["Connection: Keep-Alive", "Connection: close"]
    assert values["processes"] == ["$(UWSGI_WORKERS)"]
    (container,) = rendered.pods()["Deployment/lms"]["spec"]["containers"]
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    assert environment["UWSGI_WORKERS"] == "5"


def test_the_started_probe_asks_for_an_empty_file_that_tutor_mounts(rendered: Rendered) -> None:
    ini = rendered.text("apps/openedx/uwsgi.ini")
    found = re.search(r"static-map = /startupz=(\S+)", ini)
    assert found
    folder, _, file = found[1].rpartition("/")
    for name in ("lms", "cms"):
        pod = rendered.pods()[f"Deployment/{name}"]["spec"]
        (container,) = pod["containers"]
        (volume,) = (
            mount["name"]
            for mount in container["volumeMounts"]
            if mount["mountPath"].rstrip("/") == folder
        )
        (source,) = (v["configMap"]["name"] for v in pod["volumes"] if v["name"] == volume)
        content = rendered.of_kind("ConfigMap")[source]["data"][file]
        assert content.strip() == ""


def test_uwsgi_listens_where_the_probes_knock(rendered: Rendered) -> None:
    assert "http = 0.0.0.0:8000" in rendered.text("apps/openedx/uwsgi.ini").splitlines()


def test_volumes_are_on_the_storage_class_of_the_platform(rendered: Rendered) -> None:
    for claim in rendered.of_kind("PersistentVolumeClaim").values():
        assert claim["spec"]["storageClassName"] == "retaining"


def test_no_service_opens_a_port_outside_the_cluster(rendered: Rendered) -> None:
    kinds = {
        name: service["spec"].get("type", "ClusterIP")
        for name, service in rendered.of_kind("Service").items()
    }
    assert set(kinds.values()) == {"ClusterIP"}
    assert "caddy" in kinds
    assert rendered.of_kind("Ingress") == {}


def test_everything_is_in_the_namespace(rendered: Rendered) -> None:
    for manifest in rendered.objects:
        if manifest["kind"] != "Namespace":
            assert manifest["metadata"]["namespace"] == "openedx"


def test_images_name_their_registry(rendered: Rendered) -> None:
    """CRI-O on Kubernetes 1.34 and newer takes no short names."""
    images = {
        container["image"]
        for pod in rendered.pods().values()
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", ()))
    }
    assert len(images) >= 8
    for image in images:
        registry, _, rest = image.partition("/")
        assert "." in registry, image
        assert ":" in rest, image


def test_celery_and_mysql_are_sized_for_their_pods(rendered: Rendered) -> None:
    def arguments(name: str) -> list[str]:
        (container,) = rendered.pods()[f"Deployment/{name}"]["spec"]["containers"]
        found: list[str] = container["args"]
        return found

    assert arguments("lms-worker")[-1] == "--concurrency=4"
    assert arguments("lms-worker")[:3] == ["celery", "--app=lms.celery", "worker"]
    assert arguments("cms-worker")[-1] == "--concurrency=2"
    assert arguments("mysql")[0] == "mysqld"
    assert arguments("mysql")[-2:] == [
        "--max-connections=500",
        "--innodb-buffer-pool-size=12288M",
    ]


def test_secrets_are_the_stacks_and_none_is_a_placeholder(rendered: Rendered) -> None:
    config = yaml.safe_load((rendered.root / "config.yml").read_text())
    for key, secret in secrets().items():
        assert config[key] == secret.rstrip("\n")
    for path in rendered.root.rglob("*"):
        if path.is_file():
            assert b"${secret:" not in path.read_bytes(), path


def test_tutor_invents_nothing_that_a_second_directory_would_not_have(
    rendered: Rendered, tmp_path: Path
) -> None:
    write(outputs(), tmp_path)
    openedx.render(tmp_path, PROJECT.tutor_executable)
    again = openedx.manifests(PROJECT.venv_bin / "kubectl", tmp_path / "env")
    assert [dict(manifest) for manifest in again] == rendered.objects


def test_handing_over_again_changes_nothing_that_tutor_rendered(rendered: Rendered) -> None:
    config = yaml.safe_load((rendered.root / "config.yml").read_text())
    done = write(outputs(), rendered.root)
    assert done.kept == ["PLUGIN_INDEXES"]
    openedx.render(rendered.root, PROJECT.tutor_executable)
    assert yaml.safe_load((rendered.root / "config.yml").read_text()) == config
    again = openedx.manifests(PROJECT.venv_bin / "kubectl", rendered.root / "env")
    assert [dict(manifest) for manifest in again] == rendered.objects


def test_the_stack_says_what_the_environment_does_not(rendered: Rendered) -> None:
    assert "ambient.example.com" not in rendered.text("apps/openedx/config/lms.env.yml")
    assert "learn.example.com" in rendered.text("apps/openedx/config/lms.env.yml")


def test_tutors_own_words_when_it_refuses(tmp_path: Path) -> None:
    write(outputs(), tmp_path)
    (tmp_path / "plugins" / "openedx-large.yml").write_text("- not a plugin\n")
    with pytest.raises(openedx.OpenEdxError, match="Invalid plugin"):
        openedx.render(tmp_path, PROJECT.tutor_executable)
