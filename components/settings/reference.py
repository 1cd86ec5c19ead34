"""The reference of all settings, made from the models by ``make docs``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from components.settings.platform import PlatformSettings

HEAD = """\
# Settings

Everything that a stack file may say under `openedx-large:platform`. Made by `make docs` from the
models in [`components/settings`](../components/settings); a key that is not listed here is an
error. What is required below `node_pools` and `openedx` need not be said where the layout brings
it; what the stack file says wins over the layout.

| setting | type | default | what it is |
|---|---|---|---|
"""

Schema = Mapping[str, Any]


def reference() -> str:
    """The reference as Markdown, one row for each setting, in the models' own order."""
    schema = PlatformSettings.model_json_schema()
    rows = _rows(schema, schema["$defs"], "")
    return HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _rows(
    schema: Schema, defs: Schema, path: str, defaults: Schema | None = None
) -> Iterator[tuple[str, ...]]:
    for name, declared in schema["properties"].items():
        where = f"{path}{name}"
        field = _resolved(declared, defs)
        below, suffix = _nested(field, defs)
        if below is None:
            default = _default(declared, (defaults or {}).get(name))
            yield f"`{where}`", _type(field, defs), default, _text(declared, field)
        else:
            yield f"**`{where}{suffix}`**", "", "", _text(declared, field)
            yield from _rows(below, defs, f"{where}{suffix}.", declared.get("default"))


def _resolved(field: Schema, defs: Schema) -> Schema:
    kinds = [kind for kind in field.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1 and "$ref" in kinds[0]:
        # A model that may be left out.
        field = kinds[0]
    if "$ref" in field:
        target: Schema = defs[field["$ref"].rpartition("/")[2]]
        return target
    return field


def _nested(field: Schema, defs: Schema) -> tuple[Schema | None, str]:
    """The model that a field holds, directly or by name, and what stands for the name."""
    if "properties" in field:
        return field, ""
    items = field.get("additionalProperties") or next(
        iter(field.get("patternProperties", {}).values()), None
    )
    if isinstance(items, Mapping):
        return _resolved(items, defs), ".<name>"
    return None, ""


def _type(field: Schema, defs: Schema) -> str:
    if "anyOf" in field:
        kinds = [_type(_resolved(kind, defs), defs) for kind in field["anyOf"]]
        return " or ".join(kind for kind in kinds if kind != "null")
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if field["type"] == "array":
        return f"list of {_type(_resolved(field['items'], defs), defs)}"
    if field["type"] == "boolean":
        return "`on` or `off`"
    return str(field["type"]) + _bounds(field)


def _bounds(field: Schema) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None:
        return f", {low} to {high}"
    if low is not None:
        return f", from {low}"
    return ""


def _default(declared: Schema, given_above: object) -> str:
    """The default, from the field itself or from the default of the model around it."""
    if given_above is None and "default" not in declared:
        return "required"
    value = declared.get("default") if given_above is None else given_above
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    return f"`{value}`"


def _text(declared: Schema, field: Schema) -> str:
    text = declared.get("description") or field.get("description", "")
    return " ".join(text.replace(":data:", "").replace("``", "`").replace("|", "\\|").split())


if __name__ == "__main__":
    sys.stdout.write(reference())
