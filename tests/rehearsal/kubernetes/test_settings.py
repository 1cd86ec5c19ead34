"""The provider's configuration: what is refused, and when the provider is replaced."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from rehearsal.kubernetes import settings
from rehearsal.kubernetes.settings import Settings
from rehearsal.standin.provider import Change
from rehearsal.standin.values import UNKNOWN
from tests.rehearsal.kubernetes.stage import replaced


def kubeconfig(server: str = "https://127.0.0.1:6443", user: str = "me", ca: str = "Q0E=") -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "one",
            "contexts": [
                {"name": "one", "context": {"cluster": "one", "user": "me"}},
                {"name": "two", "context": {"cluster": "two", "user": "me", "namespace": "n"}},
            ],
            "clusters": [
                {"name": "one", "cluster": {"server": server, "certificate-authority-data": ca}},
                {"name": "two", "cluster": {"server": "https://127.0.0.2:6443"}},
            ],
            "users": [{"name": "me", "user": {"token": user}}],
        }
    )


def refused(**inputs: Any) -> dict[str, str]:
    return {failure.property: failure.reason for failure in settings.failures(inputs)}


def test_a_usual_configuration_is_taken() -> None:
    assert not refused(
        kubeconfig=kubeconfig(),
        context="one",
        namespace="openedx",
        clusterIdentifier="ocid1.cluster",
        enableServerSideApply="true",
        deleteUnreachable=True,
        kubeClientSettings='{"burst":120}',
    )


def test_an_unknown_kubeconfig_is_taken() -> None:
    assert not refused(kubeconfig=UNKNOWN, clusterIdentifier=UNKNOWN)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("kubeConfig", "x", "no such setting"),
        ("renderYamlToDirectory", "out", "use the official plugin"),
        ("helmReleaseSettings", "{}", "use the official plugin"),
        ("enableServerSideApply", "false", "server's side only"),
        ("deleteUnreachable", "yes", "true or false"),
        ("context", 3, "expected a string"),
    ],
)
def test_what_the_stand_in_does_not_have_is_refused(key: str, value: Any, told: str) -> None:
    assert told in refused(kubeconfig=kubeconfig(), **{key: value})[key]


def test_the_kubeconfig_of_the_environment_is_never_used() -> None:
    assert "never uses the kubeconfig of the environment" in refused()["kubeconfig"]


def test_flags_come_as_text_from_the_sdks() -> None:
    taken = Settings.of({"deleteUnreachable": "true", "enableSecretMutable": True})
    assert taken.delete_unreachable
    assert taken.mutable_contents("Secret")
    assert not taken.mutable_contents("ConfigMap")


def test_nothing_changed() -> None:
    same = {"kubeconfig": kubeconfig()}
    assert not settings.diff(same, dict(same)).changes


def test_another_server_without_an_identifier_replaces() -> None:
    old = {"kubeconfig": kubeconfig()}
    new = {"kubeconfig": kubeconfig(server="https://127.0.0.9:6443")}
    assert replaced(settings.diff(old, new)) == {"kubeconfig"}


def test_another_certificate_authority_replaces() -> None:
    old, new = {"kubeconfig": kubeconfig()}, {"kubeconfig": kubeconfig(ca="T1RIRVI=")}
    assert replaced(settings.diff(old, new)) == {"kubeconfig"}


def test_another_token_for_the_same_cluster_updates() -> None:
    old, new = {"kubeconfig": kubeconfig()}, {"kubeconfig": kubeconfig(user="other")}
    assert settings.diff(old, new).changes == {"kubeconfig": Change.UPDATE}


def test_another_context_that_leads_to_another_cluster_replaces() -> None:
    old = {"kubeconfig": kubeconfig(), "context": "one"}
    new = {"kubeconfig": kubeconfig(), "context": "two"}
    assert replaced(settings.diff(old, new)) == {"context"}


def test_the_same_identifier_never_replaces() -> None:
    old = {"kubeconfig": kubeconfig(), "clusterIdentifier": "a"}
    new = {"kubeconfig": kubeconfig(server="https://127.0.0.9:6443"), "clusterIdentifier": "a"}
    diff = settings.diff(old, new)
    assert diff.changes == {"kubeconfig": Change.UPDATE}
    unknown = settings.diff(old, {**new, "kubeconfig": UNKNOWN})
    assert not replaced(unknown)


def test_another_identifier_replaces() -> None:
    old = {"kubeconfig": kubeconfig(), "clusterIdentifier": "a"}
    new = {"kubeconfig": kubeconfig(), "clusterIdentifier": "b"}
    assert replaced(settings.diff(old, new)) == {"clusterIdentifier"}


def test_adding_an_identifier_replaces_nothing() -> None:
    old = {"kubeconfig": kubeconfig()}
    diff = settings.diff(old, {**old, "clusterIdentifier": "a"})
    assert diff.changes == {"clusterIdentifier": Change.ADD}


def test_an_unknown_kubeconfig_without_an_identifier_replaces() -> None:
    assert replaced(settings.diff({"kubeconfig": kubeconfig()}, {"kubeconfig": UNKNOWN})) == {
        "kubeconfig"
    }
