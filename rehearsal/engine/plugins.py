"""Which plugin answers for each provider package, and where the engine finds it.

A plugin is an executable in ``$PULUMI_HOME/plugins/<kind>-<name>-v<version>/``, which the engine
uses without a warning. The version is that of the installed SDK, because that is the one that the
program asks for.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rehearsal.paths import REPOSITORY
from rehearsal.toolchain import PulumiCli

#: The provider packages that a rehearsal can answer for.
PACKAGES = ("kubernetes", "oci", "random", "tls")

#: A rehearsal must not be able to touch a real account: these are never the official plugin.
CLOUDS = frozenset({"oci", "aws"})


class PluginError(Exception):
    """A plugin that was named cannot be used; the message says why."""


@dataclass(frozen=True)
class PluginChoice:
    """The plugin that answers for a package."""

    package: str
    version: str
    """Without a leading ``v``, e.g. ``4.34.2``."""
    origin: Literal["official", "stand-in"]
    path: Path
    """The executable that the engine starts."""
    official: Path | None = None
    """The official plugin's executable, outside ``.rehearsal/``."""


def parse_named(arguments: Iterable[str]) -> dict[str, Path]:
    """Parse ``PACKAGE=PATH`` as given to ``--plugin``.

    Raises:
        PluginError: it has another form, or names a package that must not or cannot be given.
    """
    named: dict[str, Path] = {}
    for argument in arguments:
        package, separator, path = argument.partition("=")
        if not separator or not path:
            raise PluginError(f"--plugin {argument}: expected PACKAGE=PATH, e.g. kubernetes=/path")
        if package in CLOUDS:
            raise PluginError(
                f"--plugin {argument}: the cloud is always simulated, because a rehearsal must "
                f"not be able to reach a real account; packages that can be given: {_GIVEN}"
            )
        if package not in PACKAGES:
            raise PluginError(
                f"--plugin {argument}: unknown package {package!r}; "
                f"packages that can be given: {_GIVEN}"
            )
        named[package] = _executable(argument, package, Path(path).expanduser().absolute())
    return named


_GIVEN = ", ".join(package for package in PACKAGES if package not in CLOUDS)


def _executable(argument: str, package: str, path: Path) -> Path:
    executable = path / f"pulumi-resource-{package}" if path.is_dir() else path
    if not executable.is_file() or not os.access(executable, os.X_OK):
        raise PluginError(f"--plugin {argument}: {executable} is not an executable file")
    return executable


def sdk_version(package: str) -> str:
    """The plugin version that the installed SDK of a package asks for."""
    distribution = importlib.metadata.distribution(f"pulumi-{package}")
    metadata = Path(str(distribution.locate_file(f"pulumi_{package}/pulumi-plugin.json")))
    version: str = json.loads(metadata.read_text(encoding="utf-8"))["version"]
    return version


def choose(
    home: Path,
    *,
    named: Mapping[str, Path] | None = None,
    outside: Mapping[str, str] = os.environ,
) -> tuple[PluginChoice, ...]:
    """The plugin for each of :data:`PACKAGES`; ``home`` is the rehearsal's ``PULUMI_HOME``.

    Official plugins are those in ``named`` (see :func:`parse_named`), and those of exactly the
    SDK's version in the plugin cache of the user's own Pulumi. Clouds are always stand-ins.
    """
    cache = Path(outside.get("PULUMI_HOME") or Path(outside.get("HOME", "~")) / ".pulumi")
    choices = []
    for package in PACKAGES:
        version = sdk_version(package)
        folder, name = f"resource-{package}-v{version}", f"pulumi-resource-{package}"
        official = (named or {}).get(package)
        in_cache = cache.expanduser() / "plugins" / folder / name
        if official is None and in_cache.is_file() and os.access(in_cache, os.X_OK):
            official = in_cache
        if package in CLOUDS:
            official = None
        choices.append(
            PluginChoice(
                package=package,
                version=version,
                origin="stand-in" if official is None else "official",
                path=home / "plugins" / folder / name,
                official=official,
            )
        )
    return tuple(choices)


def install(home: Path, choices: Iterable[PluginChoice], cli: PulumiCli) -> None:
    """Put the plugins where the engine looks for them, and nothing else beside them.

    What is there already is left alone, so that a second command on the same stack does not pull
    the plugins from under the first.
    """
    wanted = {}
    for choice in choices:
        wanted[choice.path] = choice.official or _launcher(f"rehearsal.plugins.{choice.package}")
    if cli.python_exec is not None:
        folder = home / "plugins" / f"language-python-{cli.version}"
        wanted[folder / "pulumi-language-python"] = _launcher(
            "rehearsal.engine.language_host", "--exec", str(cli.python_exec)
        )
    for path, content in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, content)
    kept = {path.parent for path in wanted}
    for folder in (home / "plugins").iterdir():
        if folder.is_dir() and folder not in kept:
            shutil.rmtree(folder)


def _launcher(module: str, *arguments: str) -> str:
    """A script that becomes this Python, running a module of this checkout."""
    command = shlex.join([sys.executable, "-m", module, *arguments])
    return (
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(REPOSITORY.root))}\n"
        "export PYTHONPATH\n"
        f'exec {command} "$@"\n'
    )


def _put(path: Path, content: str | Path) -> None:
    """Write a script, or link to an executable, at once or not at all."""
    if isinstance(content, Path):
        if path.is_symlink() and path.readlink() == content:
            return
    elif path.is_file() and not path.is_symlink() and path.read_text() == content:
        return
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    if isinstance(content, Path):
        scratch.symlink_to(content)
    else:
        scratch.write_text(content, encoding="utf-8")
        scratch.chmod(0o755)
    scratch.replace(path)
