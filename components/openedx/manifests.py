"""Small pieces of Kubernetes manifests, and their text.

Tutor renders every patch as a Jinja template and pastes it into a file, so a patch is YAML text
that is made from Python values and never from string templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from components.capacity import Resources

Manifest = Mapping[str, Any]

APP_LABEL: Final = "app.kubernetes.io/name"
"""Tutor's label for the Deployment that a pod belongs to."""


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, so that a preview shows it line by line."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(value: object) -> str:
    """One YAML document, keys in the order given."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=100)


def documents(manifests: Sequence[Manifest]) -> str:
    """Several YAML documents, each with its separator."""
    return "".join(f"---\n{to_yaml(manifest)}" for manifest in manifests)


def quantities(resources: Resources) -> dict[str, str]:
    """CPU and memory as Kubernetes writes them."""
    return {"cpu": f"{resources.cpu_millicores}m", "memory": f"{resources.memory_mib}Mi"}


def deployment(name: str, spec: Manifest) -> Manifest:
    """A Deployment, or a strategic merge patch for one."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": spec,
    }


def json_patch(target: Manifest, operations: Sequence[Manifest]) -> Manifest:
    """An entry of kustomize's ``patches``: JSON 6902 operations on whatever ``target`` selects."""
    return {"target": target, "patch": to_yaml(list(operations))}


def add(path: str, value: object) -> Manifest:
    """The JSON 6902 operation that adds or replaces the member at ``path``."""
    return {"op": "add", "path": path, "value": value}
