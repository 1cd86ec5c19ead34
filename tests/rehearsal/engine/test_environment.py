"""What a rehearsal must not be able to reach is not in the engine's environment."""

import os
from pathlib import Path

from rehearsal.engine.environment import engine_environment
from rehearsal.paths import StackPaths

CANARY = "canary-f3b1"

#: How the credentials of the clouds, of Kubernetes and of Pulumi itself are named.
CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "GITHUB_TOKEN",
    "KUBECONFIG",
    "OCI_CLI_AUTH",
    "OCI_CONFIG_FILE",
    "OCI_PRIVATE_KEY",
    "OCI_RESOURCE_PRINCIPAL_RPST",
    "OCI_TENANCY_OCID",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "SSH_AUTH_SOCK",
    "TF_VAR_private_key",
    "XDG_CONFIG_HOME",
)


def environment(directory: Path, **outside: str) -> dict[str, str]:
    return engine_environment(
        StackPaths(directory / "dev"),
        tools=[Path("/tools/helm")],
        outside={"PATH": "/usr/bin", "HOME": "/home/user", **outside},
    )


def test_no_credential_is_in_reach_under_whatever_name(tmp_path: Path) -> None:
    outside = dict.fromkeys((*CREDENTIALS, "SOME_FUTURE_TOKEN"), CANARY)
    assert CANARY not in str(environment(tmp_path, **outside))


def test_home_is_not_the_users(tmp_path: Path) -> None:
    found = environment(tmp_path)
    assert found["HOME"] == str(tmp_path / "dev" / "home")
    assert "/home/user" not in str(found)


def test_the_users_pulumi_is_left_alone(tmp_path: Path) -> None:
    found = environment(tmp_path, PULUMI_HOME="/p", PULUMI_BACKEND_URL="https://api.pulumi.com")
    assert found["PULUMI_HOME"] == str(tmp_path / "dev" / "pulumi-home")
    assert found["PULUMI_BACKEND_URL"] == f"file://{tmp_path / 'dev' / 'state'}"
    assert found["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert found["PULUMI_IGNORE_AMBIENT_PLUGINS"] == "true"


def test_shims_come_first_on_path_and_the_users_path_last(tmp_path: Path) -> None:
    path = environment(tmp_path)["PATH"].split(os.pathsep)
    assert path[0] == str(tmp_path / "dev" / "bin")
    assert path[1] == "/tools/helm"
    assert path[-1] == "/usr/bin"


def test_plugins_learn_of_their_stack(tmp_path: Path) -> None:
    assert StackPaths.from_environment(environment(tmp_path)).directory == tmp_path / "dev"


def test_charts_can_be_reached_through_a_proxy_but_plugins_are_not(tmp_path: Path) -> None:
    found = environment(tmp_path, HTTPS_PROXY="http://proxy:3128", no_proxy="internal")
    assert found["HTTPS_PROXY"] == "http://proxy:3128"
    assert found["NO_PROXY"] == found["no_proxy"] == "internal,127.0.0.1,localhost,::1"
    assert "NO_PROXY" not in environment(tmp_path)
