"""The scratch project from which the engine runs.

``stack init`` writes an encryption salt into the stack file that it is given, and ``--config-file``
does not keep ``up`` from doing the same. So the engine works on a project of its own whose ``main``
is the real one, with a copy of the stack file; the committed files are only read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from rehearsal.paths import ProjectPaths, StackPaths

#: How the stack file says by which secrets provider and key its secrets are encrypted.
_ENCRYPTION = ("secretsprovider", "encryptedkey", "encryptionsalt")

ConfigPath = tuple[str | int, ...]
"""A place in a stack file's ``config``, e.g. ``("openedx-large:smtpPassword",)``."""


class ScratchProjectError(Exception):
    """The project or the stack has no file to work from, or one that is no YAML."""


def refresh(project: ProjectPaths, stack: StackPaths) -> tuple[ConfigPath, ...]:
    """Bring the scratch project up to date with the committed files.

    The salt that the engine wrote into its copy stays. A secret of the committed stack file cannot
    be read here, because its key is not in reach; the returned places hold no valid secret yet and
    are to be set to a placeholder.

    Raises:
        ScratchProjectError: there is no ``Pulumi.yaml``, or no file for this stack, or one of them
            cannot be read as YAML.
    """
    settings = project.stack_file(stack.name)
    if not settings.is_file():
        known = ", ".join(project.committed_stacks()) or "none"
        raise ScratchProjectError(f"{settings} does not exist; the stacks are: {known}")
    if not project.project_file.is_file():
        raise ScratchProjectError(f"{project.project_file} does not exist")
    stack.settings_copy.parent.mkdir(parents=True, exist_ok=True)
    with _readable(project.project_file):
        committed = _project_file(project.project_file)
    _write(
        stack.project / "Pulumi.yaml",
        yaml.safe_dump(_project_settings(committed, project.root, stack), sort_keys=False),
    )
    previous = (
        stack.settings_copy.read_text(encoding="utf-8") if stack.settings_copy.exists() else ""
    )
    with _readable(settings):
        text, missing = _stack_settings(settings.read_text(encoding="utf-8"), previous)
    _write(stack.settings_copy, text)
    return missing


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what YAML or the encoding object to into an error that names file and line."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise ScratchProjectError(f"{path}{line}: this is no YAML: {problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScratchProjectError(f"{path}: this is no YAML: {error}") from error


def _project_file(path: Path) -> dict[str, object]:
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(settings, dict) or "runtime" not in settings:
        raise ScratchProjectError(f"{path} says no `runtime`, e.g. `runtime: {{name: python}}`")
    return settings


def _project_settings(
    committed: dict[str, object], root: Path, stack: StackPaths
) -> dict[str, object]:
    """``Pulumi.yaml`` with the same program and Python, seen from the scratch project."""
    settings = dict(committed)
    # The rehearsal brings its own backend.
    settings.pop("backend", None)
    settings["main"] = os.path.relpath(root / str(settings.get("main", ".")), stack.project)
    settings["stackConfigDir"] = stack.settings_copy.parent.name
    runtime = settings["runtime"]
    if isinstance(runtime, dict):
        options = dict(runtime.get("options") or {})
        if options.get("virtualenv"):
            options["virtualenv"] = str(root / options["virtualenv"])
        settings["runtime"] = {**runtime, "options": options}
    return settings


def _stack_settings(committed: str, previous: str) -> tuple[str, tuple[ConfigPath, ...]]:
    """The text of the engine's copy, and the places whose secrets are still missing.

    The text is spliced and not parsed and written anew: PyYAML and the engine read some scalars
    differently (``on``), and the program must get what the engine reads.
    """
    known = {path: node.value for path, node in _secrets(previous)}
    missing = []
    splices = [(start, end, "") for start, end in _encryption_entries(committed)]
    for path, node in _secrets(committed):
        if path not in known:
            missing.append(path)
        splices.append((node.start_mark.index, node.end_mark.index, known.get(path, "placeholder")))
    text = committed
    for start, end, replacement in sorted(splices, reverse=True):
        text = text[:start] + replacement + text[end:]
    if salt := (yaml.safe_load(previous) or {}).get("encryptionsalt"):
        text = f"{text.rstrip()}\nencryptionsalt: {salt}\n"
    return text, tuple(missing)


def _encryption_entries(text: str) -> Iterator[tuple[int, int]]:
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(document, yaml.MappingNode):
        for key, value in document.value:
            if key.value in _ENCRYPTION:
                yield key.start_mark.index, value.end_mark.index


def _secrets(text: str) -> Iterator[tuple[ConfigPath, yaml.ScalarNode]]:
    """Every ``secure:`` scalar below ``config``, with its place."""
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(document, yaml.MappingNode):
        for key, value in document.value:
            if key.value == "config":
                yield from _secrets_below(value, ())


def _secrets_below(
    node: yaml.Node, path: ConfigPath
) -> Iterator[tuple[ConfigPath, yaml.ScalarNode]]:
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _secrets_below(item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if len(node.value) == 1 and key.value == "secure" and path:
                if isinstance(value, yaml.ScalarNode):
                    yield path, value
            else:
                yield from _secrets_below(value, (*path, key.value))


def _write(path: Path, text: str) -> None:
    """Replace a file at once, and only if it changes: another command may be reading it."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)
