"""The availability domain and the fault domains that a region really has."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.oci.discovery import ask


@dataclass(frozen=True)
class Availability:
    """One availability domain and its fault domains, in the region's own spelling."""

    availability_domain: str
    fault_domains: tuple[str, ...]


def discover_availability(tenancy_id: str) -> Availability:
    """Ask the region for its first availability domain and that domain's fault domains.

    A capacity reservation lives in a single availability domain, and the regions this platform
    is made for have one; where there are more, the first by name is used.
    Names are sorted, so that the same region always gives the same plan.

    Raises:
        pulumi.RunError: The region does not answer, or shows no availability domain or no fault
            domain.
    """
    domains = ask(
        "which availability domains the region has",
        lambda: oci.identity.get_availability_domains(compartment_id=tenancy_id),
    )
    names = sorted(domain.name for domain in domains.availability_domains)
    if not names:
        raise pulumi.RunError(
            f"{tenancy_id} sees no availability domain: check cloud.tenancy_id and that the "
            "tenancy is subscribed to the region"
        )
    found = ask(
        f"which fault domains {names[0]} has",
        lambda: oci.identity.get_fault_domains(
            availability_domain=names[0], compartment_id=tenancy_id
        ),
    )
    fault_domains = tuple(sorted(domain.name for domain in found.fault_domains))
    if not fault_domains:
        raise pulumi.RunError(f"{names[0]} shows no fault domain to {tenancy_id}")
    return Availability(names[0], fault_domains)
