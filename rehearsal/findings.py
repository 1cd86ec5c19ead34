"""What a rehearsal has found out so far; it becomes the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rehearsal.acceptance import ExpectedPool, check_placement, pods_by_pool, pools_in_use
from rehearsal.engine import Operation, PluginChoice
from rehearsal.observed import Observed, Resources
from rehearsal.outcome import PROVES, Check, Failure, NotExercised, Outcome, PluginUsed, Row

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
        what="Tutor's initialisation jobs",
        why="rendered with the environment, not applied: `tutor k8s init` runs them",
    ),
    NotExercised(
        what="the way into the private API endpoint",
        why="the simulated kubeconfig leads to the embedded API server on loopback",
    ),
)


@dataclass
class Findings:
    """Collected step by step; :meth:`outcome` says what it amounts to."""

    stack: str
    command: Literal["up", "preview", "destroy"]
    faults: Sequence[str] = ()
    row: Row | None = None
    versions: dict[str, str] = field(default_factory=dict)
    plugins: Sequence[PluginChoice] = ()
    changes: Mapping[str, int] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    observed: Observed | None = None
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_exercised: list[NotExercised] = field(default_factory=list)
    simulated_seconds: float = 0.0
    failure: Failure | None = None

    def placed(self, observed: Observed, node_pools: Mapping[str, Mapping[str, Any]]) -> None:
        """Take what the API server shows, and check it against the stack's own arithmetic."""
        self.observed = observed
        self.checks += check_placement(observed, expected_pools(node_pools))

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
            changes=dict(self.changes),
            resources=resources_by_type(self.state),
            placement={pod.key: pod.node or "" for pod in observed.pods} if observed else {},
            pods_by_pool=pods_by_pool(observed) if observed else {},
            headroom=pools_in_use(observed) if observed else {},
            checks=self.checks,
            policies=[],
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
            fault_domains=tuple(pool["fault_domains"]),
        )
        for name, pool in node_pools.items()
    }


def resources_by_type(state: Mapping[str, Any]) -> dict[str, int]:
    """How many resources of each type a stack's state holds, sorted by type."""
    resources = state.get("resources") or []
    return dict(sorted(Counter(resource["type"] for resource in resources).items()))
