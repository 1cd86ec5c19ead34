"""The cloud is always simulated; for the rest, what is installed is the reference."""

import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from rehearsal.engine.plugins import (
    CLOUDS,
    PACKAGES,
    PluginChoice,
    PluginError,
    choose,
    install,
    parse_named,
    sdk_version,
)
from rehearsal.toolchain import PulumiCli

OFFICIAL = PulumiCli(Path("/opt/pulumi/bin/pulumi"), "v3.250.0", "official", None)
BUILT = PulumiCli(Path("/cache/bin/pulumi"), "v3.250.0", "built", Path("/cache/python exec"))


def an_executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho official\n")
    path.chmod(0o755)
    return path


def chosen(package: str, choices: tuple[PluginChoice, ...]) -> PluginChoice:
    return next(choice for choice in choices if choice.package == package)


@pytest.mark.parametrize("package", sorted(CLOUDS))
def test_a_cloud_cannot_be_given_a_plugin(tmp_path: Path, package: str) -> None:
    plugin = an_executable(tmp_path / f"pulumi-resource-{package}")
    with pytest.raises(PluginError, match="the cloud is always simulated"):
        parse_named([f"{package}={plugin}"])


def test_a_cloud_is_a_stand_in_even_where_the_official_plugin_is_installed(tmp_path: Path) -> None:
    for package in PACKAGES:
        folder = f"resource-{package}-v{sdk_version(package)}"
        an_executable(tmp_path / ".pulumi" / "plugins" / folder / f"pulumi-resource-{package}")
    choices = choose(tmp_path / "home", outside={"HOME": str(tmp_path)})
    assert {choice.package: choice.origin for choice in choices} == {
        "kubernetes": "official",
        "oci": "stand-in",
        "random": "official",
        "tls": "official",
    }


def test_the_users_own_pulumi_home_is_where_it_says(tmp_path: Path) -> None:
    folder = f"resource-random-v{sdk_version('random')}"
    plugin = an_executable(tmp_path / "ph" / "plugins" / folder / "pulumi-resource-random")
    choices = choose(tmp_path / "home", outside={"PULUMI_HOME": str(tmp_path / "ph")})
    assert chosen("random", choices).official == plugin
    assert chosen("kubernetes", choices).origin == "stand-in"


def test_an_installed_plugin_of_another_version_is_not_used(tmp_path: Path) -> None:
    plugins = tmp_path / ".pulumi" / "plugins"
    an_executable(plugins / "resource-kubernetes-v4.0.0" / "pulumi-resource-kubernetes")
    choices = choose(tmp_path / "home", outside={"HOME": str(tmp_path)})
    assert chosen("kubernetes", choices).origin == "stand-in"


def test_a_plugin_can_be_named_by_file_or_by_folder(tmp_path: Path) -> None:
    plugin = an_executable(tmp_path / "pulumi-resource-kubernetes")
    assert parse_named([f"kubernetes={plugin}"]) == {"kubernetes": plugin}
    assert parse_named([f"kubernetes={tmp_path}"]) == {"kubernetes": plugin}
    choices = choose(tmp_path / "home", named={"kubernetes": plugin}, outside={})
    assert chosen("kubernetes", choices).origin == "official"
    assert chosen("random", choices).origin == "stand-in"


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("kubernetes", "expected PACKAGE=PATH"),
        ("kubernetes=", "expected PACKAGE=PATH"),
        ("gcp=/x", "unknown package 'gcp'; packages that can be given: kubernetes, random, tls"),
        ("kubernetes=/nowhere", "/nowhere is not an executable file"),
    ],
)
def test_what_cannot_be_used_is_refused(argument: str, why: str) -> None:
    with pytest.raises(PluginError, match=why):
        parse_named([argument])


@pytest.mark.parametrize("package", PACKAGES)
def test_the_version_is_the_one_that_the_sdk_asks_for(package: str) -> None:
    assert sdk_version(package) == version(f"pulumi-{package}")


def test_the_engine_finds_every_plugin_in_its_home(tmp_path: Path) -> None:
    official = an_executable(tmp_path / "official")
    choices = choose(tmp_path / "home", named={"kubernetes": official}, outside={})
    install(tmp_path / "home", choices, BUILT)
    plugins = tmp_path / "home" / "plugins"
    assert sorted(path.name for path in plugins.iterdir()) == sorted(
        [*(f"resource-{p}-v{sdk_version(p)}" for p in PACKAGES), "language-python-v3.250.0"]
    )
    assert all(os.access(choice.path, os.X_OK) for choice in choices)
    assert chosen("kubernetes", choices).path.resolve() == official
    script = chosen("oci", choices).path.read_text()
    assert "-m rehearsal.plugins.oci" in script
    host = plugins / "language-python-v3.250.0" / "pulumi-language-python"
    assert "rehearsal.engine.language_host --exec '/cache/python exec'" in host.read_text()


def test_the_official_distribution_keeps_its_own_language_host(tmp_path: Path) -> None:
    choices = choose(tmp_path / "home", outside={})
    install(tmp_path / "home", choices, BUILT)
    install(tmp_path / "home", choices, OFFICIAL)
    assert not list((tmp_path / "home" / "plugins").glob("language-*"))


def test_a_launcher_starts_this_checkout_from_anywhere(tmp_path: Path) -> None:
    choices = choose(tmp_path / "home", outside={})
    install(tmp_path / "home", choices, BUILT)
    host = tmp_path / "home" / "plugins" / "language-python-v3.250.0" / "pulumi-language-python"
    answer = subprocess.check_output([host, "--help"], cwd="/", env={"PATH": os.defpath}, text=True)
    assert answer.startswith("usage: pulumi-language-python")


def test_a_second_install_touches_nothing_but_what_changed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    choices = choose(home, outside={})
    install(home, choices, BUILT)
    before = {choice.package: choice.path.stat().st_ino for choice in choices}
    official = an_executable(tmp_path / "official")
    changed = choose(home, named={"random": official}, outside={})
    install(home, changed, BUILT)
    assert chosen("random", changed).path.is_symlink()
    install(home, changed, BUILT)
    install(home, choices, BUILT)
    after = {choice.package: choice.path.stat().st_ino for choice in choices}
    assert {p for p in PACKAGES if before[p] != after[p]} <= {"random"}
    assert "rehearsal.plugins.random" in chosen("random", choices).path.read_text()
    assert official.read_text() == "#!/bin/sh\necho official\n"


def test_plugins_of_an_older_sdk_are_removed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    an_executable(home / "plugins" / "resource-oci-v1.0.0" / "pulumi-resource-oci")
    install(home, choose(home, outside={}), OFFICIAL)
    assert not (home / "plugins" / "resource-oci-v1.0.0").exists()
    shutil.rmtree(home)
