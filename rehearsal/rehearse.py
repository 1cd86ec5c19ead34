"""One rehearsal: the program up, Open edX applied, everything that must hold checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lightkube.config.kubeconfig import KubeConfig
from rich.console import Console

from rehearsal import books, faults, openedx, stack_settings, telling, world
from rehearsal.cloud.operations import begin_run, simulated_seconds
from rehearsal.cloud.store import Store
from rehearsal.controlplane import Binaries, ControlPlane
from rehearsal.controlplane.components import emulation
from rehearsal.engine import Engine, EngineError, OnEvent, Operation, end_leftovers
from rehearsal.findings import Command, Findings, summary
from rehearsal.kubernetes.helm.unexercised import Record
from rehearsal.oci.shim import install_shims
from rehearsal.outcome import Failure, NotExercised, Outcome
from rehearsal.paths import ProjectPaths, StackPaths
from rehearsal.progress import Progress
from rehearsal.protected import protected_error
from rehearsal.settling import settle
from rehearsal.steps import StepFailedError, step
from rehearsal.toolchain import Toolchain, pulumi_cli

Operate = Callable[[OnEvent], Operation]


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
        found = self._findings("up")
        goes_on = self._goes_on()
        on_base = goes_on and world.ended_complete(self.stack)
        if not goes_on:
            world.empty(self.stack)
        world.is_changing(self.stack)
        found.row = "base up, then head up" if on_base else "up"
        with self._concluded(found):
            engine = self._prepare(found)
            self._start_control_plane(found, fresh=not goes_on)
            self._operate(
                found,
                "pulumi up",
                lambda on_event: engine.up(
                    # What a failed or interrupted up left is looked at before it is relied on.
                    refresh=goes_on and not on_base,
                    policy_packs=self.options.policy_packs,
                    on_event=on_event,
                ),
            )
            outputs = engine.outputs()
            self._place_open_edx(found, outputs)
            self._second_up(engine, found)
            found.state = engine.export()
            found.checks += [
                books.cloud_and_state_agree(self.stack, found.state),
                books.no_plain_secret(self.stack, found.state, outputs["tutor_secrets"]),
            ]
            found.told_by(outputs)
        outcome = self._written(found)
        if outcome.complete:
            world.is_complete(self.stack)
        return outcome

    def preview(self) -> Outcome:
        """Preview on the world that is there, or on an empty one."""
        found = self._findings("preview")
        on_base = world.has_base(self.stack)
        found.row = "preview on a base state" if on_base else "preview, empty state"
        with self._concluded(found):
            engine = self._prepare(found)
            if on_base:
                self._start_control_plane(found, fresh=False)
            self._operate(
                found,
                "pulumi preview",
                lambda on_event: engine.preview(
                    policy_packs=self.options.policy_packs, on_event=on_event
                ),
            )
        return self._written(found)

    def destroy(self) -> Outcome:
        """Destroy what the stack made, and check that nothing is left."""
        found = self._findings("destroy")
        with self._concluded(found):
            engine = self._prepare(found)
            self._start_control_plane(found, fresh=False)
            # Refused or not, the next up goes on from here: it may be the one that takes the
            # protection off.
            world.is_changing(self.stack)
            self._operate(found, "pulumi destroy", lambda on_event: destroyed(engine, on_event))
            found.checks.append(books.cloud_and_state_agree(self.stack, found.state))
        return self._written(found)

    def engine(self) -> Engine:
        """The engine on this stack, its tools found or built."""
        if self._engine is None:
            toolchain = Toolchain()
            self._engine = self._make_engine(toolchain)
        return self._engine

    def _findings(self, command: Command) -> Findings:
        """Begin a command: what a killed one left running is ended first."""
        end_leftovers(self.stack)
        return Findings(
            stack=self.stack.name,
            command=command,
            faults=[str(fault) for fault in self.options.faults],
            policy_packs=[str(pack) for pack in self.options.policy_packs],
        )

    def _goes_on(self) -> bool:
        if self.options.fresh or not world.has_begun(self.stack):
            return False
        return self.plane.is_running() or not world.ended_complete(self.stack)

    @contextmanager
    def _concluded(self, found: Findings) -> Iterator[None]:
        """Note in ``found`` what ended the rehearsal early; lift the faults; stop the control plane
        unless it is to be kept."""
        try:
            yield
        except StepFailedError as failed:
            found.failure = Failure(
                step=failed.step, message=str(failed), remedy=failed.remedy or self._remedy(found)
            )
        except KeyboardInterrupt:
            found.failure = Failure(
                step="interrupted", message="interrupted", remedy=self._remedy(found)
            )
            self._written(found)
            raise
        finally:
            faults.disarm(self.stack)
            if not self.options.keep:
                self.plane.stop()

    def _remedy(self, found: Findings) -> str:
        again = f"`python -m rehearsal {found.command} {self.stack.name}`"
        orphans = books.orphans(self.stack, found.state) if found.state else []
        if orphans:
            return (
                f"the cloud holds what the state does not know: {'; '.join(orphans)}. As on a real "
                f"account, import it (`python -m rehearsal pulumi {self.stack.name} -- import TYPE "
                f"NAME ID`) or delete it before the next up; {again} with --fresh begins anew"
            )
        without = " without --fault" if found.faults else ""
        first = "" if found.faults else "mend what is named above, then "
        return f"{first}run {again}{without}: it goes on where this one ended"

    def _prepare(self, found: Findings) -> Engine:
        with step(self.progress, "tools") as running:
            toolchain = Toolchain(progress=telling.of_tools(running))
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
        with step(self.progress, "control plane") as running:
            if fresh or not self.plane.is_running():
                self.plane.start(running.at, fresh=fresh)
            version = self.plane.kubernetes_version()
            running.summary = f"Kubernetes {version}"
        found.versions["Kubernetes of the control plane here"] = version

    def _operate(self, found: Findings, title: str, operation: Operate) -> None:
        """Run an engine operation under the faults; what it did is found out even if it fails."""
        store, engine = Store(self.stack.cloud_db), self.engine()
        with step(self.progress, title) as running:
            faults.arm(self.stack, self.options.faults)
            begin_run(store, found.command)
            try:
                found.operation = operation(telling.of_engine(running))
                running.summary = summary(found.operation)
            except EngineError as error:
                found.operation = error.operation
                raise
            finally:
                if found.operation is not None:
                    found.state = engine.export()
                    found.simulated_seconds = simulated_seconds(store)
                    found.faults_struck(faults.struck(self.stack))
        found.not_exercised += [
            NotExercised(what=entry.what, why=entry.why)
            for entry in Record(self.stack.not_exercised).read()
        ]

    def _place_open_edx(self, found: Findings, outputs: Mapping[str, Any]) -> None:
        with step(self.progress, "hand-over to Tutor") as running:
            objects = openedx.hand_over(outputs, self.project, self.stack)
            running.summary = f"{len(objects)} objects rendered"
        with step(self.progress, "Open edX applied and scheduled") as running:
            openedx.apply(self.project, self.stack, self.plane.kubeconfig)
            observed = asyncio.run(
                settle(
                    KubeConfig.from_file(str(self.plane.kubeconfig)),
                    on_progress=telling.of_pods(running),
                )
            )
        found.placed(observed, outputs["node_pools"], objects)

    def _second_up(self, engine: Engine, found: Findings) -> None:
        with step(self.progress, "pulumi up, again") as running:
            second = engine.up(on_event=telling.of_engine(running))
            running.summary = summary(second)
        found.unchanged("second up", "a second up changes nothing", second)
        with step(self.progress, "pulumi preview") as running:
            preview = engine.preview(on_event=telling.of_engine(running))
            running.summary = summary(preview)
        found.unchanged("preview", "a preview shows nothing to change", preview)

    def _written(self, found: Findings) -> Outcome:
        outcome = found.outcome(self.progress.durations)
        outcome.write(self.stack.outcome)
        return outcome


def destroyed(engine: Engine, on_event: OnEvent) -> Operation:
    """Destroy; a refusal for protection's sake is told as a list."""
    try:
        return engine.destroy(on_event=on_event)
    except EngineError as error:
        refused = protected_error(error, engine.export())
        if refused is None:
            raise
        raise refused from error
