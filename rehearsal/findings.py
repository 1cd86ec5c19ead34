"""What a rehearsal has found out so far; it becomes the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rehearsal.acceptance import ExpectedPool, Rendered, check_placement, pods_by_pool, pools_in_use
from rehearsal.engine import Operation, PluginChoice
from rehearsal.faults import Fault
from rehearsal.observed import Observed, Resources
from rehearsal.outcome import (
    PROVES,
    Changed,
    Check,
    Failure,
    NotExercised,
    Outcome,
    PluginUsed,
    PolicyFinding,
    Row,
)

NEVER_EXERCISED = (
    NotExercised(
        what="the cloud",
        why="every OCI call is answered by a simulation that checks inputs, limits, names, "
        "references and hosts; no operation was checked against a real account",
    ),
    NotExercised(
        what="containers",
        why="no image is pulled and none runs: pods are Running because KWOK says so; probes, "
        "uWSGI's configuration and graceful stops are rendered and admitted, not executed",
    ),
    NotExercised(
        what="nodes' first boot",
        why="cloud-init is read for kubelet flags, taints and the grown file system, not run",
    ),
    NotExercised(
        what="network policies",
        why="admitted, not enforced here: no packet flows between pods",
    ),
    NotExercised(
        what="network reachability and rights",
        why="security rules, routes and IAM statements are checked for their form and for what the "
        "simulation knows to ask for, not for every packet and call that they must let through",
    ),
    NotExercised(
        what="Tutor's initialisation jobs",
        why="rendered with the environment, not applied: `tutor k8s init` runs them",
    ),
    NotExercised(
        what="the way into the private API endpoint",
        why="the simulated kubeconfig leads to the embedded API server on loopback",
    ),
)


Command = Literal["up", "preview", "destroy"]


@dataclass
class Findings:
    """Collected step by step; :meth:`outcome` says what it amounts to."""

    stack: str
    command: Command
    faults: Sequence[str] = ()
    row: Row | None = None
    versions: dict[str, str] = field(default_factory=dict)
    plugins: Sequence[PluginChoice] = ()
    policy_packs: Sequence[str] = ()
    operation: Operation | None = None
    """The first update, the preview or the destroy."""
    state: Mapping[str, Any] = field(default_factory=dict)
    observed: Observed | None = None
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_exercised: list[NotExercised] = field(default_factory=list)
    simulated_seconds: float = 0.0
    failure: Failure | None = None

    def placed(
        self,
        observed: Observed,
        node_pools: Mapping[str, Mapping[str, Any]],
        objects: Sequence[Mapping[str, Any]],
    ) -> None:
        """Take what the API server shows, and check it against the stack's own arithmetic and
        against what Tutor rendered."""
        self.observed = observed
        self.checks += check_placement(observed, expected_pools(node_pools), Rendered.of(objects))

    def faults_struck(self, struck: Sequence[Fault]) -> None:
        """Check that every fault that was asked for did strike: one that did not proves nothing."""
        if not self.faults:
            return
        told = {str(fault) for fault in struck}
        idle = [fault for fault in self.faults if fault not in told]
        self.checks.append(
            Check(
                name="faults struck",
                promise="every fault that was asked for struck",
                passed=not idle,
                found=f"did not strike: {', '.join(idle)}" if idle else ", ".join(self.faults),
            )
        )

    def told_by(self, outputs: Mapping[str, Any]) -> None:
        """Take the versions and what an operator should know from the stack's outputs."""
        here = self.versions["Kubernetes of the control plane here"]
        there = f"v{outputs['cluster']['kubernetes']}"
        self.versions |= {
            "Kubernetes of the stack": there,
            "Tutor": str(outputs["tutor"]["version"]),
        }
        self.notes += [
            str(outputs["tutor"]["uwsgi"]["note"]),
            *(str(note) for note in outputs["tutor"].get("notes", ())),
        ]
        offered = here.removeprefix("v").split()[-1]
        if offered.split(".")[:2] != there.removeprefix("v").split(".")[:2]:
            self.notes.append(
                f"The API server here is {here}, the stack asks for {there}: what one admits and "
                "the other does not would not be seen."
            )

    def unchanged(self, name: str, promise: str, operation: Operation) -> None:
        """Check that an operation found nothing to do."""
        found = ", ".join(
            f"{count} {change}" for change, count in sorted(operation.changes.items())
        )
        self.checks.append(
            Check(name=name, promise=promise, passed=operation.changed == 0, found=found)
        )

    def outcome(self, durations: Mapping[str, float]) -> Outcome:
        """The outcome, complete if nothing failed and every check that had to be made passed."""
        observed = self.observed
        return Outcome(
            stack=self.stack,
            command=self.command,
            row=self.row,
            proves=PROVES[self.row] if self.row else {},
            complete=self.failure is None and all(check.passed for check in self.checks),
            faults=list(self.faults),
            versions=self.versions,
            plugins=[
                PluginUsed(package=plugin.package, version=plugin.version, origin=plugin.origin)
                for plugin in self.plugins
            ],
            changes=dict(self.operation.changes) if self.operation else {},
            changed=changed(self.operation) if self.operation else [],
            resources=resources_by_type(self.state),
            placement={pod.key: pod.node or "" for pod in observed.pods} if observed else {},
            pods_by_pool=pods_by_pool(observed) if observed else {},
            headroom=pools_in_use(observed) if observed else {},
            checks=self.checks,
            policy_packs=list(self.policy_packs),
            policies=policy_findings(self.operation) if self.operation else [],
            notes=self.notes,
            not_exercised=self._not_exercised(),
            durations=dict(durations),
            simulated_seconds=round(self.simulated_seconds),
            failure=self.failure,
        )

    def _not_exercised(self) -> list[NotExercised]:
        stood_in = [plugin.package for plugin in self.plugins if plugin.origin == "stand-in"]
        plugins = NotExercised(
            what="provider plugins: " + ", ".join(stood_in),
            why="stand-ins of the rehearsal answered for them",
        )
        return [*([plugins] if stood_in else []), *NEVER_EXERCISED, *self.not_exercised]


def expected_pools(node_pools: Mapping[str, Mapping[str, Any]]) -> dict[str, ExpectedPool]:
    """What the ``node_pools`` output promises of each pool."""
    return {
        name: ExpectedPool(
            nodes=int(pool["nodes"]),
            allocatable=Resources(
                int(pool["allocatable"]["cpu_millicores"]), int(pool["allocatable"]["memory_mib"])
            ),
            max_pods=int(pool["allocatable"]["pods"]),
            fault_domains=tuple(pool["fault_domains"]),
        )
        for name, pool in node_pools.items()
    }


def resources_by_type(state: Mapping[str, Any]) -> dict[str, int]:
    """How many resources of each type a stack's state holds, sorted by type."""
    resources = state.get("resources") or []
    return dict(sorted(Counter(resource["type"] for resource in resources).items()))


def summary(operation: Operation) -> str:
    """How many resources an operation touched, in one line."""
    return ", ".join(f"{count} {change}" for change, count in sorted(operation.changes.items()))


DANGEROUS_FIRST = ("delete", "replace", "create-replacement", "delete-replaced", "update")


def changed(operation: Operation) -> list[Changed]:
    """The resources that were, or would be, changed, the dangerous ones first."""
    if set(operation.changes) <= {"create"}:
        return []
    found = [
        _changed(event["resourcePreEvent"]["metadata"])
        for event in operation.events
        if "resourcePreEvent" in event
    ]
    rank = {name: place for place, name in enumerate(DANGEROUS_FIRST)}
    return sorted(
        (change for change in found if change.operation not in {"same", "read"}),
        key=lambda change: (
            rank.get(change.operation, len(rank)),
            change.type,
            change.name,
        ),
    )


def _changed(metadata: Mapping[str, Any]) -> Changed:
    return Changed(
        operation=metadata["op"],
        type=metadata["type"],
        name=metadata["urn"].rpartition("::")[2],
        replaced_for=list(metadata.get("keys") or []),
    )


def policy_findings(operation: Operation) -> list[PolicyFinding]:
    """What the policy packs said of an operation."""
    return [
        PolicyFinding(
            pack=violation.pack,
            policy=violation.policy,
            level=violation.level,
            resource=violation.urn.rpartition("::")[2],
            message=violation.message,
        )
        for violation in operation.policy_violations
    ]
