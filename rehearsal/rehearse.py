"""One rehearsal: the program up, Open edX applied, everything that must hold checked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lightkube.config.kubeconfig import KubeConfig
from rich.console import Console

from rehearsal import faults, openedx, plain_secrets, stack_settings, telling, world
from rehearsal.cloud.audit import audit
from rehearsal.cloud.operations import begin_run, simulated_seconds
from rehearsal.cloud.store import Store
from rehearsal.controlplane import Binaries, ControlPlane, ControlPlaneError
from rehearsal.controlplane.components import emulation
from rehearsal.engine import Engine, EngineError, Operation, PluginError, ScratchProjectError
from rehearsal.findings import Findings
from rehearsal.kubernetes.helm.unexercised import Record
from rehearsal.oci.shim import install_shims
from rehearsal.outcome import Check, Failure, NotExercised, Outcome
from rehearsal.paths import ProjectPaths, StackPaths
from rehearsal.progress import Progress, Step
from rehearsal.protected import ProtectedError, protected_error
from rehearsal.settling import settle
from rehearsal.toolchain import Toolchain, ToolchainError, pulumi_cli

EXPECTED_ERRORS = (
    ControlPlaneError,
    EngineError,
    PluginError,
    ProtectedError,
    ScratchProjectError,
    ToolchainError,
    openedx.OpenEdxError,
)
"""What can go wrong without a bug here: shown in its own words, without a traceback."""


class StepFailedError(Exception):
    """A step ended the rehearsal; the message is in the words of whatever refused."""

    def __init__(self, step: str, error: Exception) -> None:
        super().__init__(str(error))
        self.step = step
        self.remedy: str | None = getattr(error, "remedy", None)


@dataclass(frozen=True)
class Options:
    """What the command line says of a rehearsal."""

    faults: Sequence[faults.Fault] = ()
    plugins: Mapping[str, Path] = field(default_factory=dict)
    """Official plugins, by package."""
    policy_packs: Sequence[Path] = ()
    keep: bool = False
    """Leave the control plane running."""
    fresh: bool = False
    """Begin with an empty world, whatever was left."""


class Rehearsal:
    """The steps of a rehearsal on one stack, told on ``console`` while they run."""

    def __init__(
        self, project: ProjectPaths, stack: StackPaths, *, options: Options, console: Console
    ) -> None:
        self.project = project
        self.stack = stack
        self.options = options
        self.progress = Progress(console)
        self.plane = ControlPlane(stack.directory)
        self._engine: Engine | None = None

    def up(self) -> Outcome:
        """Stand the stack up and prove it. Whatever happens, an outcome is written."""
        found = Findings(self.stack.name, "up", [str(fault) for fault in self.options.faults])
        goes_on = self._goes_on()
        on_base = goes_on and world.ended_complete(self.stack)
        if not goes_on:
            world.empty(self.stack)
        self.stack.outcome.unlink(missing_ok=True)
        found.row = "base up, then head up" if on_base else "up"
        with self._concluded(found):
            engine = self._prepare(found)
            self._start_control_plane(found, fresh=not goes_on)
            self._first_up(engine, found, repair=goes_on and not on_base)
            outputs = engine.outputs()
            self._place_open_edx(engine, found, outputs)
            self._second_up(engine, found)
            self._check_books(engine, found, outputs)
            found.notes += _notes(found, outputs)
        return self._written(found)

    def preview(self) -> Outcome:
        """Preview on the world that is there, or on an empty one."""
        found = Findings(self.stack.name, "preview", [str(fault) for fault in self.options.faults])
        based = world.has_state(self.stack)
        found.row = "preview on a base state" if based else "preview, empty state"
        with self._concluded(found):
            engine = self._prepare(found)
            if based:
                self._start_control_plane(found, fresh=False)
            with self._step("preview") as step:
                faults.arm(self.stack, self.options.faults)
                preview = engine.preview(
                    policy_packs=self.options.policy_packs, on_event=telling.of_engine(step)
                )
                step.summary = _summary(preview)
            found.changes = preview.changes
        return found.outcome(self.progress.durations)

    def destroy(self) -> Outcome:
        """Destroy what the stack made, and check that nothing is left."""
        found = Findings(self.stack.name, "destroy", [str(fault) for fault in self.options.faults])
        with self._concluded(found):
            engine = self._prepare(found)
            self._start_control_plane(found, fresh=False)
            with self._step("destroy") as step:
                faults.arm(self.stack, self.options.faults)
                begin_run(Store(self.stack.cloud_db), "destroy")
                try:
                    destroyed = engine.destroy(on_event=telling.of_engine(step))
                except EngineError as error:
                    raise protected_error(error, engine.export()) or error from error
                step.summary = _summary(destroyed)
            found.changes = destroyed.changes
            found.state = engine.export()
            found.simulated_seconds = simulated_seconds(Store(self.stack.cloud_db))
            self._check_cloud(found)
        return found.outcome(self.progress.durations)

    def engine(self) -> Engine:
        """The engine on this stack, its tools found or built."""
        if self._engine is None:
            toolchain = Toolchain()
            self._engine = self._make_engine(toolchain)
        return self._engine

    def _goes_on(self) -> bool:
        if self.options.fresh or not world.has_state(self.stack):
            return False
        return self.plane.is_running() or not world.ended_complete(self.stack)

    @contextmanager
    def _concluded(self, found: Findings) -> Iterator[None]:
        """Note a failed step in ``found``; stop the control plane unless it is to be kept."""
        try:
            yield
        except StepFailedError as failed:
            found.failure = Failure(
                step=failed.step, message=str(failed), remedy=failed.remedy or self._remedy(found)
            )
        finally:
            if not self.options.keep:
                self.plane.stop()

    def _remedy(self, found: Findings) -> str:
        again = f"python -m rehearsal {found.command} {self.stack.name}"
        if found.faults:
            return f"run `{again}` without --fault: it goes on where this one ended"
        return (
            f"mend what is named above, then run `{again}` again: it goes on where this one ended"
        )

    @contextmanager
    def _step(self, title: str) -> Iterator[Step]:
        try:
            with self.progress.step(title) as step:
                yield step
        except EXPECTED_ERRORS as error:
            raise StepFailedError(title, error) from error

    def _prepare(self, found: Findings) -> Engine:
        with self._step("tools") as step:
            toolchain = Toolchain(progress=telling.of_tools(step))
            wanted = stack_settings.kubernetes_version(self.project.stack_file(self.stack.name))
            self.plane = ControlPlane(
                self.stack.directory,
                Binaries.of(toolchain),
                emulation=emulation(wanted, toolchain.expected("kubernetes").version),
            )
            self._engine = engine = self._make_engine(toolchain)
            install_shims(self.stack.directory)
        found.plugins = engine.plugins
        found.versions["pulumi"] = f"{engine.cli.version} ({engine.cli.origin})"
        return engine

    def _make_engine(self, toolchain: Toolchain) -> Engine:
        return Engine(
            self.project,
            self.stack.name,
            cli=pulumi_cli(toolchain),
            named_plugins=self.options.plugins,
            # Helm is not needed, and so not built, before a program has a Release.
            tools=[self.project.venv_bin, toolchain.expected("helm").bin],
        )

    def _start_control_plane(self, found: Findings, *, fresh: bool) -> None:
        with self._step("control plane") as step:
            if fresh or not self.plane.is_running():
                self.plane.start(step.at, fresh=fresh)
            version = self.plane.kubernetes_version()
            step.summary = f"Kubernetes {version}"
        found.versions["Kubernetes of the control plane here"] = version

    def _first_up(self, engine: Engine, found: Findings, *, repair: bool) -> None:
        store = Store(self.stack.cloud_db)
        with self._step("pulumi up") as step:
            faults.arm(self.stack, self.options.faults)
            begin_run(store, "up")
            try:
                up = engine.up(
                    refresh=repair,
                    policy_packs=self.options.policy_packs,
                    on_event=telling.of_engine(step),
                )
            finally:
                found.state = engine.export()
                found.simulated_seconds = simulated_seconds(store)
            step.summary = _summary(up)
        found.changes = up.changes
        found.not_exercised += [
            NotExercised(what=entry.what, why=entry.why)
            for entry in Record(self.stack.not_exercised).read()
        ]

    def _place_open_edx(self, engine: Engine, found: Findings, outputs: Mapping[str, Any]) -> None:
        with self._step("hand-over to Tutor") as step:
            objects = openedx.hand_over(engine, self.project, self.stack)
            step.summary = f"{len(objects)} objects rendered"
        with self._step("Open edX applied and scheduled") as step:
            openedx.apply(self.project, self.stack, self.plane.kubeconfig)
            observed = asyncio.run(
                settle(
                    KubeConfig.from_file(str(self.plane.kubeconfig)),
                    expected_pods=openedx.pods(objects),
                    on_progress=telling.of_pods(step),
                )
            )
        found.placed(observed, outputs["node_pools"])
        found.versions |= _versions(outputs)

    def _second_up(self, engine: Engine, found: Findings) -> None:
        with self._step("pulumi up, again") as step:
            second = engine.up(on_event=telling.of_engine(step))
            step.summary = _summary(second)
        found.unchanged("second up", "a second up changes nothing", second)
        with self._step("pulumi preview") as step:
            preview = engine.preview(on_event=telling.of_engine(step))
            step.summary = _summary(preview)
        found.unchanged("preview", "a preview shows nothing to change", preview)

    def _check_books(self, engine: Engine, found: Findings, outputs: Mapping[str, Any]) -> None:
        found.state = engine.export()
        self._check_cloud(found)
        secrets = plain_secrets.secret_texts(outputs["tutor_secrets"])
        texts = {"the exported state": json.dumps(found.state)}
        texts |= plain_secrets.files_below(self.stack.state)
        holding = plain_secrets.holding(secrets, texts)
        found.checks.append(
            Check(
                name="no plain secret",
                promise="no secret stands in plain text in the state or its history",
                passed=not holding,
                found=", ".join(holding) or f"{len(texts)} files",
            )
        )

    def _check_cloud(self, found: Findings) -> None:
        books = audit(Store(self.stack.cloud_db), found.state)
        names = (
            *(f"orphan {record.type} {record.name}" for record in books.orphans),
            *(f"{len(group)} × {group[0].type} {group[0].name}" for group in books.duplicates),
            *(f"missing {entry.type} {entry.id}" for entry in books.missing),
        )
        found.checks.append(
            Check(
                name="cloud and state agree",
                promise="the cloud holds what the state holds: no orphan, no duplicate",
                passed=books.clean,
                found="; ".join(names) or "nothing left over, nothing missing",
            )
        )

    def _written(self, found: Findings) -> Outcome:
        outcome = found.outcome(self.progress.durations)
        outcome.write(self.stack.outcome)
        return outcome


def _summary(operation: Operation) -> str:
    return ", ".join(f"{count} {change}" for change, count in sorted(operation.changes.items()))


def _versions(outputs: Mapping[str, Any]) -> dict[str, str]:
    return {
        "Kubernetes of the stack": f"v{outputs['cluster']['kubernetes']}",
        "Tutor": str(outputs["tutor"]["version"]),
    }


def _notes(found: Findings, outputs: Mapping[str, Any]) -> list[str]:
    here = found.versions["Kubernetes of the control plane here"]
    there = found.versions["Kubernetes of the stack"]
    notes = [str(outputs["tutor"]["uwsgi"]["note"])]
    if f"v{here.split()[-1]}".split(".")[:2] != there.split(".")[:2]:
        notes.append(
            f"The API server here is {here}, the stack asks for {there}: what one admits and the "
            "other does not would not be seen."
        )
    return notes
