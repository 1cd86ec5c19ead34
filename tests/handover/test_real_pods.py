"""How what real Tutor renders starts, stops, waits and sends mail."""

from __future__ import annotations

import ast
import sys
from types import ModuleType
from typing import Any

import pytest
import yaml

from components.openedx import time_limits
from components.openedx.workloads import WITH_VOLUME
from tests.handover.conftest import Rendered
from tests.handover.outputs import SMTP_PASSWORD

TUTORS_OWN = {"mongodb_parameters", "DOC_STORE_CONFIG", "CONTENTSTORE", "CACHES"}


def test_every_pod_has_a_priority_and_data_comes_first(rendered: Rendered) -> None:
    classes = {name: pod["spec"]["priorityClassName"] for name, pod in rendered.pods().items()}
    assert classes.pop("Deployment/lms") == "first"
    assert {name for name, of in classes.items() if of == "store"} == {
        f"Deployment/{name}" for name in WITH_VOLUME
    }
    assert set(classes.values()) == {"store", "rest"}


def test_a_job_has_memory_for_migrations(rendered: Rendered) -> None:
    for name in rendered.of_kind("Job"):
        (container,) = rendered.pods()[f"Job/{name}"]["spec"]["containers"]
        assert container["resources"]["limits"] == {"memory": "4096Mi"}


def test_each_stops_in_the_time_that_it_needs(rendered: Rendered) -> None:
    def grace(name: str) -> int:
        found: int = rendered.pods()[f"Deployment/{name}"]["spec"]["terminationGracePeriodSeconds"]
        return found

    assert {grace(name) for name in WITH_VOLUME} == {300}
    assert {grace("lms-worker"), grace("cms-worker")} == {900}
    assert {grace("caddy"), grace("mfe")} == {60}
    for name in WITH_VOLUME:
        assert len(rendered.pods()[f"Deployment/{name}"]["spec"]["tolerations"]) == 2


def test_the_edge_is_probed_where_it_listens(rendered: Rendered) -> None:
    for name in ("caddy", "mfe"):
        (container,) = rendered.pods()[f"Deployment/{name}"]["spec"]["containers"]
        (port,) = container["ports"]
        assert container["readinessProbe"]["tcpSocket"]["port"] == port["containerPort"]
        assert container["lifecycle"] == {"preStop": {"sleep": {"seconds": 15}}}


@pytest.mark.parametrize("service", ["lms", "cms"])
def test_nothing_waits_for_ever_for_a_data_service(rendered: Rendered, service: str) -> None:
    """Tutor's caches and our lines behind them, as uWSGI would read them."""
    text = rendered.text(f"apps/openedx/settings/{service}/production.py")
    ours = text[text.index(time_limits.MARK) : text.index("######## End of settings common")]
    # What comes in between the two needs Open edX itself.
    parts = [
        ast.unparse(part)
        for part in ast.parse(text).body
        if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) in TUTORS_OWN
    ]
    env = yaml.safe_load(rendered.text(f"apps/openedx/config/{service}.env.yml"))
    stores: list[dict[str, Any]] = [{"DOC_STORE_CONFIG": {}}]
    settings: dict[str, Any] = {
        "DATABASES": env["DATABASES"],
        "MODULESTORE": stores,
        "BROKER_TRANSPORT_OPTIONS": {"fanout_patterns": True, "fanout_prefix": True},
        "update_module_store_settings": lambda stores, doc_store_settings: stores[0][
            "DOC_STORE_CONFIG"
        ].update(doc_store_settings),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "uwsgi", ModuleType("uwsgi"))
        exec("\n".join([*parts, ours]), settings)  # noqa: S102 - what Tutor renders is Python
    options = settings["DATABASES"]["default"]["OPTIONS"]
    assert options["charset"] == "utf8mb4"
    assert (options["connect_timeout"], options["read_timeout"]) == (10, 60)
    assert len(settings["CACHES"]) >= 7
    for cache in settings["CACHES"].values():
        assert cache["OPTIONS"] == {"SOCKET_CONNECT_TIMEOUT": 5, "SOCKET_TIMEOUT": 5}
    for store in (stores[0]["DOC_STORE_CONFIG"], settings["CONTENTSTORE"]["DOC_STORE_CONFIG"]):
        assert (store["host"], store["socketTimeoutMS"]) == ("mongodb", 20_000)
    assert settings["BROKER_TRANSPORT_OPTIONS"]["socket_timeout"] == 5


def test_mail_goes_to_the_relay_of_the_settings(relayed: Rendered) -> None:
    for service in ("lms", "cms"):
        env = yaml.safe_load(relayed.text(f"apps/openedx/config/{service}.env.yml"))
        assert env["EMAIL_HOST"] == "smtp.example.com"
        assert (env["EMAIL_PORT"], env["EMAIL_USE_TLS"]) == (587, True)
        assert env["EMAIL_HOST_USER"].startswith("ocid1.user.oc1..a@")
        assert env["EMAIL_HOST_PASSWORD"] == SMTP_PASSWORD
        settings = relayed.text(f"apps/openedx/settings/{service}/production.py")
        assert "EMAIL_USE_SSL = False" in settings.splitlines()


def test_tutors_own_relay_is_gone_with_another(relayed: Rendered, rendered: Rendered) -> None:
    assert set(rendered.of_kind("Deployment")) - set(relayed.of_kind("Deployment")) == {"smtp"}
    assert "smtp" not in relayed.of_kind("Service")
