"""Pydantic's errors in the words of a stack file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from components.settings.errors import HIDDEN, MISSING, Path, Problem

_KEY_MARK: Final = "[key]"
_SECRET_NAME: Final = re.compile(
    r"passw|passphrase|secret|token|credential|private_?key|api_?key|master_?key", re.IGNORECASE
)
_COMPARISONS: Final = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "more than"),
    "less_than": ("lt", "less than"),
}
_TYPES: Final = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "on or off",
    "string_type": "text",
    "string_too_long": "shorter text",
    "list_type": "a list",
    "dict_type": "a mapping of names to settings",
    "model_type": "a mapping of settings",
    "model_attributes_type": "a mapping of settings",
}


def problems_of(
    error: ValidationError, model: type[BaseModel], data: Mapping[str, object]
) -> Iterator[Problem]:
    """A problem for each place that pydantic complains about.

    ``data`` is what was validated: the choices of a union are told apart from its keys by it.
    """
    remedies: dict[Path, tuple[object, list[str]]] = {}
    for details in error.errors(include_url=False):
        path, value, remedy = _problem(details, model, data)
        known = remedies.setdefault(path, (value, []))[1]
        if remedy not in known:
            known.append(remedy)
    for path, (value, texts) in remedies.items():
        yield Problem(path, value, ", or ".join(texts))


def is_secret_name(name: object) -> bool:
    """Whether a key's name says that its value should not be shown."""
    return isinstance(name, str) and _SECRET_NAME.search(name) is not None


def secret_remedy(name: str) -> str:
    """Where a secret belongs."""
    key = re.sub(r"_+([a-z])", lambda found: found[1].upper(), name)
    key = key if re.fullmatch(r"[A-Za-z][\w-]{0,40}", key, re.ASCII) else "<name>"
    return (
        "secrets are never inside the platform object: take it out and run "
        f"`pulumi config set --secret openedx-large:{key}`"
    )


def _problem(
    details: ErrorDetails, model: type[BaseModel], data: Mapping[str, object]
) -> tuple[Path, object, str]:
    kind, context = details["type"], details.get("ctx", {})
    loc = details["loc"]
    # Only the names of pools have a rule, so nothing else is marked like this with that error.
    if kind == "rule" and loc[-1] == _KEY_MARK:
        loc = loc[:-1]
    path = _place(loc, data, missing=kind == "missing")
    value = MISSING if kind == "missing" else _without_secrets(details["input"])
    if any(is_secret_name(step) for step in path):
        if kind == "extra_forbidden":
            return path, HIDDEN, secret_remedy(str(path[-1]))
        value = HIDDEN
    if kind == "extra_forbidden":
        return path, value, _unknown_key(path, model)
    if kind == "missing":
        return path, value, _required(path, model)
    if kind == "rule":
        return path, value, str(context["remedy"])
    return path, value, _remedy(kind, context, value, path)


def _remedy(kind: str, context: Mapping[str, object], value: object, path: Path) -> str:
    if kind in _COMPARISONS:
        bound, words = _COMPARISONS[kind]
        return f"{words} {context[bound]}"
    if kind == "literal_error":
        return str(context["expected"]).replace("'", "")
    if kind == "too_short":
        return f"a list of at least {context['min_length']}"
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        example = ', with its patch number, e.g. "1.34.1"' if path[-1:] == ("kubernetes",) else ""
        return f"text: YAML reads this as a number, put it in quotes{example}"
    if kind in {"int_type", "float_type"} and isinstance(value, str) and _is_number(value):
        return f"{_TYPES[kind]}: take it out of the quotes"
    return _TYPES.get(kind, kind.replace("_", " "))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", text) is not None


def _place(loc: Sequence[str | int], data: object, *, missing: bool) -> Path:
    """``loc`` without the steps that name a choice of a union instead of a key."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(data, Mapping) and (step in data or missing):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            break
        path.append(step)
    return tuple(path)


def _unknown_key(path: Path, model: type[BaseModel]) -> str:
    holder = _model_at(path[:-1], model)
    names = sorted(holder.model_fields) if holder else []
    near = get_close_matches(str(path[-1]), names, n=1)
    question = f"did you mean {near[0]}? " if near else ""
    return f"unknown; {question}known here: {', '.join(names)}"


def _required(path: Path, model: type[BaseModel]) -> str:
    holder = _model_at(path[:-1], model)
    field = holder.model_fields.get(str(path[-1])) if holder else None
    if field is None or field.description is None:
        return "required"
    return f"required: {' '.join(field.description.split()).replace('``', '')}"


def _model_at(path: Path, model: type[BaseModel]) -> type[BaseModel] | None:
    """The settings model that stands at ``path``."""
    here: object = model
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(step))
            here = None if field is None else field.annotation
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _without_secrets(value: object) -> object:
    if isinstance(value, Mapping):
        return {
            key: str(HIDDEN) if is_secret_name(key) else _without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value
