"""``kubernetes:helm.sh/v3:Release`` as a Pulumi resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rehearsal.kubernetes.access import Access, Reached
from rehearsal.kubernetes.applying import NoSuchKindError
from rehearsal.kubernetes.client import ApiError, UnreachableError
from rehearsal.kubernetes.helm import hooks, inputs, placeholders
from rehearsal.kubernetes.helm.charts import Chart, ChartError, Charts, ChartUnreachableError
from rehearsal.kubernetes.helm.command import HelmError
from rehearsal.kubernetes.helm.footprints import FOOTPRINTS, Workload
from rehearsal.kubernetes.helm.history import Revision
from rehearsal.kubernetes.helm.installing import Installer, ReleaseError, ReleaseFailedError
from rehearsal.kubernetes.helm.rendering import Rendered, Target, render, resource_names
from rehearsal.kubernetes.helm.unexercised import NotExercised, Record
from rehearsal.kubernetes.objects import id_of, parse_id
from rehearsal.kubernetes.waiting import NotReadyError
from rehearsal.paths import StackPaths
from rehearsal.standin.diffing import structural_diff
from rehearsal.standin.provider import (
    Checked,
    CheckFailure,
    CloudError,
    Diff,
    PartialFailure,
    Prior,
    Resource,
    State,
)
from rehearsal.standin.values import UNKNOWN, Properties, contains_unknown

_REPLACING: Final = frozenset({"name", "namespace"})
_REFUSALS: Final = (
    ApiError,
    ChartError,
    HelmError,
    NoSuchKindError,
    NotReadyError,
    ReleaseError,
    UnreachableError,
)
_OUTPUTS_AMONG_INPUTS: Final = frozenset({"compat", "manifest", "resourceNames"})


@dataclass(frozen=True)
class _Prepared:
    """What a release will consist of."""

    revision: Revision
    rendered: Rendered
    not_exercised: Sequence[NotExercised]


class Releases:
    """Helm releases on one cluster, rendered by Helm or with their room kept."""

    def __init__(
        self,
        access: Access,
        stack: StackPaths,
        footprints: Mapping[str, Sequence[Workload]] = FOOTPRINTS,
    ) -> None:
        self._access = access
        self._footprints = footprints
        self._charts = Charts(stack.directory / "charts")
        self._record = Record(stack.not_exercised)

    async def check(self, resource: Resource, old: Properties | None, new: Properties) -> Checked:
        """Refuse what is not understood, find the chart, and settle on its version."""
        if old is not None and await self._access.kept_as_it_was():
            return Checked(old)
        given = {key: value for key, value in new.items() if key not in _OUTPUTS_AMONG_INPUTS}
        failures = inputs.failures(given)
        if not given.get("namespace"):
            reached = await self._access.if_reached()
            given["namespace"] = (
                reached.cluster.namespace if reached else self._access.settings.selection.namespace
            )
        if not given.get("skipAwait") and "timeout" not in given:
            given["timeout"] = inputs.DEFAULT_TIMEOUT
        if not failures and not contains_unknown(given):
            try:
                given["version"] = (await self._charts.find(inputs.reference(given))).version
            except ChartUnreachableError as error:
                name = inputs.reference(given).name
                if name not in self._footprints:
                    failures.append(CheckFailure("chart", _no_footprint(name, error)))
            except ChartError as error:
                reason = f"{error}; check the chart name and repository configuration."
                failures.append(CheckFailure("chart", reason))
        return Checked(given, failures)

    async def diff(
        self, resource: Resource, prior: Prior, new: Properties, ignore_changes: Sequence[str]
    ) -> Diff:
        """Compare the inputs: another name or namespace is another release."""
        return structural_diff(
            prior.inputs, new, replace=_REPLACING.__contains__, ignore=ignore_changes
        )

    async def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> State:
        """Install the release and wait for its objects."""
        if preview:
            return State("", {**inputs, "resourceNames": UNKNOWN, "status": UNKNOWN})
        return await self._bring_about(resource, inputs, upgrade=False)

    async def update(
        self, resource: Resource, prior: Prior, inputs: Properties, *, preview: bool
    ) -> State:
        """Upgrade the release and wait for its objects."""
        if preview:
            return State(prior.id, {**inputs, "resourceNames": UNKNOWN, "status": UNKNOWN})
        return await self._bring_about(resource, inputs, upgrade=True)

    async def read(self, resource: Resource, prior: Prior) -> State | None:
        """The release as the cluster remembers it."""
        if await self._access.kept_as_it_was():
            return State(prior.id, prior.outputs, prior.inputs)
        reached = await self._access.required_to_forget()
        if reached is None:
            return None
        namespace, name = parse_id(prior.id)
        last = await Installer(reached).history.last(namespace or reached.cluster.namespace, name)
        if last is None:
            return None
        found = dict(prior.inputs) or {
            "chart": last.chart.get("name"),
            "name": last.name,
            "namespace": last.namespace,
            "timeout": inputs.DEFAULT_TIMEOUT,
            "values": dict(last.values),
            "version": last.chart.get("version"),
        }
        return State(prior.id, _outputs(found, last), inputs=found)

    async def delete(self, resource: Resource, prior: Prior) -> None:
        """Uninstall the release."""
        reached = await self._access.required_to_forget()
        if reached is None:
            return
        namespace, name = parse_id(prior.id)
        namespace = namespace or reached.cluster.namespace
        given = inputs.manner(prior.inputs, upgrade=False, timeout=resource.timeout_seconds)
        try:
            await Installer(reached).uninstall(namespace, name, given.timeout)
        except (ApiError, ReleaseFailedError, UnreachableError) as error:
            raise CloudError(str(error)) from error
        self._record.settle(_subject(namespace, name), [])

    async def _bring_about(
        self, resource: Resource, given: Mapping[str, Any], *, upgrade: bool
    ) -> State:
        reached = await self._access.required("can't bring about the Helm Release")
        manner = inputs.manner(given, upgrade=upgrade, timeout=resource.timeout_seconds)
        installer = Installer(reached)
        try:
            prepared = await self._prepare(reached, given, upgrade=upgrade)
            bring_about = installer.upgrade if upgrade else installer.install
            done = await bring_about(prepared.revision, prepared.rendered, manner)
        except ReleaseFailedError as failed:
            await self._given_up(installer, given, upgrade=upgrade, failed=failed)
            raise await self._partial(installer, given, failed, upgrade=upgrade) from failed
        except _REFUSALS as error:
            raise CloudError(str(error)) from error
        self._record.settle(_subject(done.namespace, done.name), prepared.not_exercised)
        return State(f"{done.namespace}/{done.name}", _outputs(given, done))

    async def _prepare(
        self, reached: Reached, given: Mapping[str, Any], *, upgrade: bool
    ) -> _Prepared:
        namespace, name = str(given["namespace"]), str(given["name"])
        values = given.get("values") or {}
        subject = _subject(namespace, name)
        wanted = inputs.reference(given)
        try:
            chart = await self._charts.find(wanted)
        except ChartUnreachableError as error:
            workloads = self._footprints.get(wanted.name)
            if workloads is None:
                raise ChartError(_no_footprint(wanted.name, error)) from error
            kept = placeholders.objects(wanted.name, name, workloads, values)
            metadata = {"name": wanted.name, "version": wanted.version or "0.0.0"}
            revision = Revision(name, namespace, 1, "pending-install", metadata, values)
            why = (
                f"chart {wanted.name} {wanted.version} could not be reached at "
                f"{wanted.repo or wanted.chart}; placeholder pods with the replicas and requests "
                "of our values take its room"
            )
            return _Prepared(revision, Rendered(list(kept)), [NotExercised(subject, why)])
        target = await Target(name, namespace, upgrade).on(reached.cluster, reached.version)
        rendered = await _rendered(chart, given, target, self._charts.directory / "helm")
        objects = list(rendered.objects)
        revision = Revision(
            name, namespace, 1, "pending-install", dict(chart.metadata), values, objects
        )
        manner = inputs.manner(given, upgrade=upgrade, timeout=None)
        return _Prepared(revision, rendered, _left_out(subject, rendered, run=manner.run_hooks))

    async def _given_up(
        self,
        installer: Installer,
        given: Mapping[str, Any],
        *,
        upgrade: bool,
        failed: ReleaseFailedError,
    ) -> None:
        """An atomic release that fails to install leaves nothing behind."""
        if given.get("atomic") and not upgrade:
            namespace, name = str(given["namespace"]), str(given["name"])
            await installer.uninstall(namespace, name, inputs.DEFAULT_TIMEOUT)
            text = f"release {name} failed, and has been uninstalled due to atomic being set"
            raise CloudError("\n".join([text, *failed.reasons])) from failed

    async def _partial(
        self,
        installer: Installer,
        given: Mapping[str, Any],
        failed: ReleaseFailedError,
        *,
        upgrade: bool,
    ) -> PartialFailure:
        namespace, name = str(given["namespace"]), str(given["name"])
        last = await installer.history.last(namespace, name)
        outputs = _outputs(given, last) if last is not None else dict(given)
        was = "failed to initialize completely"
        what = f"Helm release {namespace}/{name} " + (was if upgrade else f"was created, but {was}")
        return PartialFailure(State(f"{namespace}/{name}", outputs), [what, *failed.reasons])


async def _rendered(chart: Chart, given: Mapping[str, Any], target: Target, home: Path) -> Rendered:
    return await render(
        chart, given.get("values") or {}, target, home=home, crds=not given.get("skipCrds")
    )


def _left_out(subject: str, rendered: Rendered, *, run: bool) -> list[NotExercised]:
    """What of a rendered release no container stands behind."""
    unanswered = [
        NotExercised(
            f"{subject}: {obj['kind']} {id_of(obj)}",
            "not installed: no container runs in a rehearsal, so nothing would answer it",
        )
        for obj in rendered.left_out
    ]
    idle = [
        NotExercised(
            f"{subject}: hook {hook['kind']} {id_of(hook)}",
            "no container runs in a rehearsal, so what the hook does was not done",
        )
        for hook in rendered.hooks
        if run and hooks.runs_containers(hook)
    ]
    return [*unanswered, *idle]


def _outputs(given: Mapping[str, Any], revision: Revision) -> dict[str, Any]:
    return {
        **given,
        "resourceNames": resource_names(revision.objects),
        "status": {
            "appVersion": str(revision.chart.get("appVersion", "")),
            "chart": str(revision.chart.get("name", "")),
            "name": revision.name,
            "namespace": revision.namespace,
            "revision": revision.revision,
            "status": revision.status,
            "version": str(revision.chart.get("version", "")),
        },
    }


def _no_footprint(name: str, error: ChartUnreachableError) -> str:
    return (
        f"chart {name} cannot be reached ({error}), and how much room it takes is not written "
        "down: add it to rehearsal/kubernetes/helm/footprints.py, or give its folder as `chart`"
    )


def _subject(namespace: str, name: str) -> str:
    return f"Helm release {namespace}/{name}"
