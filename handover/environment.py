"""Writes a Tutor environment: its configuration, and the plugin with the platform's patches."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from handover.errors import HandoverError

RECORD: Final = ".openedx-large.json"
"""Says that a directory is a hand-over's, and which keys of its configuration are."""

_HEADER: Final = "# Written by `python -m handover`: change the stack file, and hand over again.\n"
_MARK: Final = "${secret:"
_PLACEHOLDER: Final = re.compile(r"\$\{secret:([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True)
class Written:
    """What a hand-over has left in its directory."""

    root: Path
    """``TUTOR_ROOT``, absolute."""
    config: Path
    plugin: Path
    kept: Sequence[str]
    """Keys of the configuration that the stack does not know and that were left as they were."""

    @property
    def plugins_root(self) -> Path:
        """``TUTOR_PLUGINS_ROOT``."""
        return self.plugin.parent


def write(outputs: Mapping[str, Any], directory: Path) -> Written:
    """Write the Tutor environment that ``outputs`` describe into ``directory``.

    The directory is made, readable by its owner alone, or is one that an earlier hand-over wrote.
    What Tutor or the operator has added to its configuration since stays: keys that no hand-over
    wrote, and plugins enabled beside ours. Every key that the stack decides is set again.

    Raises:
        HandoverError: before anything is written.
    """
    tutor, secrets = _parts(outputs)
    config = _filled(tutor["config"], secrets)
    plugin = tutor["plugin"]
    if _MARK in json.dumps(plugin):
        raise HandoverError("the stack's plugin holds a placeholder: secrets go in the config")
    root = directory.absolute()
    before, ours = _before(root)
    kept = {key: before[key] for key in before if key not in ours and key not in config}
    merged = {**kept, **config, "PLUGINS": _plugins(before, config)}
    done = Written(
        root=root,
        config=root / "config.yml",
        plugin=root / "plugins" / f"{plugin['name']}.yml",
        kept=sorted(kept),
    )
    for folder in (root, done.plugins_root):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    _replace(
        {
            root / RECORD: json.dumps({"keys": sorted(config)}) + "\n",
            done.plugin: _HEADER + _yaml(plugin),
            done.config: _HEADER + _yaml(dict(sorted(merged.items()))),
        }
    )
    return done


def _parts(outputs: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    tutor, secrets = outputs.get("tutor"), outputs.get("tutor_secrets")
    for name, value in (("tutor", tutor), ("tutor_secrets", secrets)):
        if value is None:
            raise HandoverError(f"the stack has no output {name}: run `pulumi up` first")
        if not isinstance(value, Mapping):
            raise HandoverError(
                f"the output {name} is not a mapping; outputs in a file need --show-secrets"
            )
    if not isinstance(tutor, Mapping) or not isinstance(secrets, Mapping):
        raise TypeError  # for the type checker: the loop has seen to it
    config, plugin = tutor.get("config"), tutor.get("plugin")
    if not isinstance(config, Mapping) or not isinstance(plugin, Mapping) or "name" not in plugin:
        raise HandoverError("the output tutor has no config or no plugin: run `pulumi up` again")
    return tutor, secrets


def _filled(config: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    lacking: list[str] = []
    for key, value in config.items():
        found = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            if _MARK in json.dumps(value):
                raise HandoverError(f"{key}: a placeholder must be the whole value")
            filled[key] = value
        elif isinstance(secret := secrets.get(found[1]), str) and secret:
            # Tutor drops a key's last line break when it saves: so it changes nothing.
            filled[key] = secret.rstrip("\n")
        else:
            lacking.append(found[1])
    if lacking:
        raise HandoverError(
            f"tutor_secrets lacks {', '.join(sorted(lacking))}: run `pulumi up` again"
        )
    return filled


def _before(root: Path) -> tuple[Mapping[str, Any], frozenset[str]]:
    """The configuration that is there, and which of its keys a hand-over wrote."""
    if not root.exists():
        return {}, frozenset()
    if not root.is_dir():
        raise HandoverError(f"{root} is a file: name a directory")
    record = root / RECORD
    if not record.exists():
        if any(root.iterdir()):
            raise HandoverError(
                f"{root} is not empty and not a hand-over's: name another directory, or move "
                "away what is there"
            )
        return {}, frozenset()
    try:
        ours = frozenset(json.loads(record.read_text(encoding="utf-8"))["keys"])
        text = (root / "config.yml").read_text(encoding="utf-8")
        config = yaml.safe_load(text) or {}
    except FileNotFoundError:
        return {}, frozenset()
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        config = None
    if not isinstance(config, Mapping):
        raise HandoverError(
            f"{root}: config.yml or {RECORD} is damaged: move the directory away, and hand over "
            "into a new one"
        )
    return config, ours


def _plugins(before: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    """The stack's plugins, then those that the operator has enabled."""
    names = [*config.get("PLUGINS", ()), *before.get("PLUGINS", ())]
    return list(dict.fromkeys(names))


def _replace(files: Mapping[Path, str]) -> None:
    """Write all files beside their places, then put each in its place."""
    ready: list[tuple[str, Path]] = []
    try:
        for path, text in files.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            ready.append((name, path))
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for name, path in ready:
            Path(name).replace(path)
    finally:
        for name, _ in ready:
            Path(name).unlink(missing_ok=True)


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
