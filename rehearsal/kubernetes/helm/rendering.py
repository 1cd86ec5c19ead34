"""From a chart and values to objects, by real ``helm template``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.kubernetes.client import Cluster
from rehearsal.kubernetes.helm.charts import Chart
from rehearsal.kubernetes.helm.command import run
from rehearsal.kubernetes.objects import Object, annotation, metadata, name_of

HOOK: Final = "helm.sh/hook"

# Helm's install order lists hooks apart, and nothing answers these where no container runs.
_UNANSWERED: Final = frozenset(
    {
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiregistration.k8s.io", "APIService"),
    }
)


@dataclass(frozen=True)
class Target:
    """What a chart is rendered for."""

    release: str
    namespace: str
    upgrade: bool = False
    kubernetes: str = ""
    """The API server's version; Helm's own default when it is not known."""
    api_versions: Sequence[str] = ()

    async def on(self, cluster: Cluster, version: str) -> Target:
        """The target with what a cluster can do."""
        return replace(self, kubernetes=version, api_versions=await cluster.api_versions())


@dataclass(frozen=True)
class Rendered:
    """The objects of a release, in the order in which Helm installs them."""

    objects: Sequence[Object]
    hooks: Sequence[Object] = ()
    definitions: Sequence[Object] = ()
    """What the chart keeps in ``crds/``: made when missing, never changed or deleted."""
    left_out: Sequence[Object] = field(default_factory=tuple)
    """What would ask a container for every answer."""


async def render(
    chart: Chart, values: Mapping[str, Any], target: Target, *, home: Path, crds: bool = True
) -> Rendered:
    """Render a chart. Raises HelmError."""
    arguments = ["template", target.release, str(chart.path), "--namespace", target.namespace]
    # On stdin, because values may hold secrets.
    arguments += ["--values", "-", "--skip-tests"]
    arguments += ["--is-upgrade"] if target.upgrade else []
    arguments += ["--kube-version", target.kubernetes] if target.kubernetes else []
    arguments += ["--api-versions", ",".join(target.api_versions)] if target.api_versions else []
    manifest = await run(arguments, home=home, stdin=json.dumps(values))
    definitions = await run(["show", "crds", str(chart.path)], home=home) if crds else ""
    objects, hooks, left_out = [], [], []
    for obj in parse(manifest):
        if (str(obj["apiVersion"]).rpartition("/")[0], obj["kind"]) in _UNANSWERED:
            left_out.append(obj)
        elif annotation(obj, HOOK):
            hooks.append(obj)
        else:
            objects.append(obj)
    return Rendered(objects, hooks, list(parse(definitions)), left_out)


def parse(manifest: str) -> Iterator[Object]:
    """The objects of a manifest; a List stands for its items."""
    for document in yaml.load_all(manifest, Loader=_Loader):
        if not isinstance(document, dict) or not document.get("kind"):
            continue
        if document["kind"] == "List":
            yield from document.get("items") or ()
        else:
            yield document


def resource_names(objects: Sequence[Object]) -> dict[str, list[str]]:
    """The names of the objects by ``Kind.group/apiVersion``, as a Release's output has them."""
    names: dict[str, list[str]] = {}
    for obj in objects:
        group = str(obj["apiVersion"]).rpartition("/")[0]
        key = f"{obj['kind']}.{group}" if group else str(obj["kind"])
        namespace = metadata(obj).get("namespace")
        name = f"{namespace}/{name_of(obj)}" if namespace else name_of(obj)
        names.setdefault(f"{key}/{obj['apiVersion']}", []).append(name)
    return {key: sorted(names[key]) for key in sorted(names)}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader is optional
    """YAML as Kubernetes reads it: a date is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
