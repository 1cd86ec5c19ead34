"""Which image the worker nodes boot."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_oci as oci

from components.oci.discovery import ask

PINNED_IMAGES: Mapping[str, str] = {
    "1.34.1": "Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1330",
}
"""The OKE image for each Kubernetes version, so that a new image is a reviewed change and not
whatever is newest on the day of a preview. Names are the same in every region, OCIDs are not."""


def node_image_name(kubernetes: str, chosen: str | None) -> str:
    """The image that the stack file names, or the one pinned for its Kubernetes version.

    Raises:
        pulumi.RunError: Neither exists.
    """
    if chosen is not None:
        return chosen
    if kubernetes not in PINNED_IMAGES:
        raise pulumi.RunError(
            f"no node image is pinned for Kubernetes {kubernetes} (pinned: "
            f"{', '.join(sorted(PINNED_IMAGES))}): name one in cluster.node_image"
        )
    return PINNED_IMAGES[kubernetes]


def node_image_id(name: str, compartment_id: str) -> str:
    """The OCID of the OKE image ``name`` in the region; an OCID is taken as it is.

    Raises:
        pulumi.RunError: OKE does not answer, or offers no such image (any more), with those it
            does offer.
    """
    if name.startswith("ocid1.image."):
        return name
    options = ask(
        "which node images OKE offers",
        lambda: oci.containerengine.get_node_pool_option(
            node_pool_option_id="all", compartment_id=compartment_id
        ),
    )
    offered = {source.source_name: source.image_id for source in options.sources}
    if name not in offered:
        kubernetes = name.partition("-OKE-")[2].rpartition("-")[0]
        alike = sorted(other for other in offered if f"-OKE-{kubernetes}-" in other)
        raise pulumi.RunError(
            f"OKE offers no image {name} in this region. For the same Kubernetes version it "
            f"offers: {', '.join(alike) or 'none'}. Set cluster.node_image to one of them, or to "
            "the OCID of the image in use: an image that is no longer offered can still be booted"
        )
    return offered[name]
