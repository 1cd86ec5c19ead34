"""Node pools: shapes that exist, a host for each node, and the two pools that every stack has."""

from __future__ import annotations

from collections.abc import Iterator

from components.oci.shapes import SHAPES
from components.openedx.demand import GENERAL, LMS
from components.settings.errors import Path
from components.settings.platform import NodePoolSettings, PlatformSettings
from components.settings.rules import Broken, Surroundings


def shapes(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """Each machine is one that OCI makes."""
    for name, pool in settings.node_pools.items():
        place: Path = ("node_pools", name)
        if pool.shape not in SHAPES:
            yield Broken((*place, "shape"), f"one of {', '.join(sorted(SHAPES))}")
        else:
            yield from _size(place, pool)


def _size(place: Path, pool: NodePoolSettings) -> Iterator[Broken]:
    shape = SHAPES[pool.shape]
    from_shape, from_ocpus = (*place, "shape"), (*place, "ocpus")
    fewest, most = shape.ocpus
    if not fewest <= pool.ocpus <= most:
        yield Broken(from_ocpus, f"{shape.name} offers {fewest} to {most}", (from_shape,))
        return
    least_gb, most_gb = shape.least_memory_gb(pool.ocpus), shape.most_memory_gb(pool.ocpus)
    if not least_gb <= pool.memory_gb <= most_gb:
        yield Broken(
            (*place, "memory_gb"),
            f"{shape.name} with {pool.ocpus} OCPUs offers {least_gb} to {most_gb} GB",
            (from_shape, from_ocpus),
        )
    most_pods = shape.most_pods(pool.ocpus)
    if pool.max_pods > most_pods:
        yield Broken(
            (*place, "max_pods"),
            f"at most {most_pods} on {shape.name} with {pool.ocpus} OCPUs: 31 for each VNIC but "
            "the first, and 110 in all",
            (from_shape, from_ocpus),
        )


def hosts(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """Every node has a reserved host."""
    for name, pool in settings.node_pools.items():
        if pool.hosts < pool.nodes:
            yield Broken(
                ("node_pools", name, "reserved"),
                f"at least nodes, {pool.nodes}: each node runs on a reserved host",
                (("node_pools", name, "nodes"),),
            )


def both_pools(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """There is a pool for the LMS, kept for it, and a pool for everything else."""
    for name, dedicated in ((LMS, True), (GENERAL, False)):
        pool = settings.node_pools.get(name)
        if pool is None:
            yield Broken(("node_pools", name), "required: every stack has this pool")
        elif pool.dedicated != dedicated:
            yield Broken(
                ("node_pools", name, "dedicated"),
                "on: nothing may share a node with an LMS pod"
                if dedicated
                else "off: what runs here tolerates no taint",
            )
