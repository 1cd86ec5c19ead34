"""Finding a chart: a folder, an archive, or what a repository has."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.kubernetes.helm.command import HelmError, run

PULL_SECONDS: Final = 15.0
"""How long a chart repository may take to answer before it counts as out of reach."""

_EXACT: Final = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")
# Everything else that keeps a chart from arriving may be the network's doing.
_DENIED: Final = re.compile(r"not found in \S+ repository|no chart (name|version) found")


class ChartError(Exception):
    """There is no such chart, or it is not one."""


class ChartUnreachableError(Exception):
    """The chart's repository cannot be reached from here; the text is Helm's."""


@dataclass(frozen=True)
class Reference:
    """What a release says of its chart."""

    chart: str
    """Path, name in ``repo``, or ``oci://…``."""
    version: str = ""
    """A version or a constraint; empty for the latest."""
    repo: str = ""
    devel: bool = False

    @property
    def name(self) -> str:
        """The chart's name, as far as its reference tells."""
        return self.chart.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class Chart:
    """A chart at hand: ``path`` is its folder or archive."""

    path: Path
    metadata: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The chart's name."""
        return str(self.metadata["name"])

    @property
    def version(self) -> str:
        """The chart's version."""
        return str(self.metadata["version"])


class Charts:
    """Charts for one stack; what was pulled from a repository stays in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._out_of_reach: dict[Reference, str] = {}

    async def find(self, reference: Reference) -> Chart:
        """The chart that a reference leads to.

        Raises ChartError, ChartUnreachableError.
        """
        if not reference.repo and (local := _local(reference.chart)):
            return _load(local)
        place = self.directory / _digest(reference)
        if _EXACT.fullmatch(reference.version) and (pulled := _archive(place)):
            return _load(pulled)
        if reason := self._out_of_reach.get(reference):
            raise ChartUnreachableError(reason)
        await self._pull(reference, place)
        pulled = _archive(place)
        if pulled is None:
            raise ChartError(f"{reference.chart}: Helm pulled nothing")
        return _load(pulled)

    async def _pull(self, reference: Reference, place: Path) -> None:
        _empty(place)
        arguments = ["pull", reference.chart, "--destination", str(place)]
        arguments += ["--repo", reference.repo] if reference.repo else []
        arguments += ["--version", reference.version] if reference.version else []
        arguments += ["--devel"] if reference.devel else []
        try:
            await run(arguments, home=self.directory / "helm", timeout_seconds=PULL_SECONDS)
        except HelmError as error:
            if _DENIED.search(str(error)):
                raise ChartError(str(error)) from error
            self._out_of_reach[reference] = str(error)
            raise ChartUnreachableError(str(error)) from error


def _load(path: Path) -> Chart:
    try:
        text = _chart_yaml(path)
        metadata = yaml.safe_load(text)
    except (OSError, tarfile.TarError, yaml.YAMLError) as error:
        raise ChartError(f"{path}: {error}") from error
    if not isinstance(metadata, dict) or not metadata.get("name") or not metadata.get("version"):
        raise ChartError(f"{path}: Chart.yaml names no chart and version")
    if metadata.get("type", "application") != "application":
        raise ChartError(f"{metadata['type']} charts are not installable")
    return Chart(path, metadata)


def _chart_yaml(path: Path) -> str:
    if path.is_dir():
        return (path / "Chart.yaml").read_text(encoding="utf-8")
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                content = archive.extractfile(member)
                if content is not None:
                    return content.read().decode()
    raise tarfile.TarError("the archive holds no Chart.yaml")


def _local(chart: str) -> Path | None:
    path = Path(chart)
    if path.is_file() or (path / "Chart.yaml").is_file():
        return path.absolute()
    if path.is_absolute() or chart.startswith("."):
        raise ChartError(f'path "{chart}" not found')
    return None


def _empty(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for stale in place.glob("*.tgz"):
        stale.unlink()


def _archive(place: Path) -> Path | None:
    return next(iter(sorted(place.glob("*.tgz"))), None)


def _digest(reference: Reference) -> str:
    key = json.dumps([reference.repo, reference.chart, reference.version, reference.devel])
    return f"{reference.name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
