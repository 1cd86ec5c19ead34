"""Regions with their availability domains, fault domains, services and hosts.

Region names and keys: https://docs.oracle.com/iaas/Content/General/Concepts/regions.htm (both
regions of the Kingdom have one availability domain). Every availability domain has three fault
domains. An availability domain's name carries a prefix that differs from tenancy to tenancy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FAULT_DOMAINS = ("FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3")

#: Hosts that each fault domain has left for the rehearsed tenancy, every shape family together.
#: A host is room for one instance of whatever size, which is the strict reading: the real cloud
#: may pack two smaller instances on one. Fifteen in a region let seven or twelve nodes stand,
#: with little to spare.
HOSTS_PER_FAULT_DOMAIN = 5

_TENANCY_PREFIX = "qKbT"


@dataclass(frozen=True)
class Service:
    """An Oracle service that a service gateway reaches."""

    id: str
    name: str
    cidr_block: str
    """Its label in route and security rules, in place of a CIDR."""
    description: str


@dataclass(frozen=True)
class Region:
    """One region."""

    name: str
    key: str

    @property
    def availability_domains(self) -> tuple[str, ...]:
        """The full names, prefix included."""
        return (f"{_TENANCY_PREFIX}:{self.name.upper()}-AD-1",)

    @property
    def services(self) -> tuple[Service, ...]:
        """Object Storage alone, and all services together."""
        key = self.key.lower()
        return (
            Service(
                id=f"ocid1.service.oc1.{self.name}.aaaaaaaaobjectstorage",
                name=f"OCI {self.key} Object Storage",
                cidr_block=f"oci-{key}-objectstorage",
                description=f"OCI {self.key} Object Storage",
            ),
            Service(
                id=f"ocid1.service.oc1.{self.name}.aaaaaaaaallservices",
                name=f"All {self.key} Services In Oracle Services Network",
                cidr_block=f"all-{key}-services-in-oracle-services-network",
                description=f"All {self.key} Services In Oracle Services Network",
            ),
        )


REGIONS: Mapping[str, Region] = {
    region.name: region
    for region in (
        Region("me-jeddah-1", "JED"),
        Region("me-riyadh-1", "RUH"),
        Region("me-dubai-1", "DXB"),
        Region("eu-frankfurt-1", "FRA"),
    )
}


def short_domain(availability_domain: str) -> str:
    """Without the tenancy's prefix, as the cloud controller labels nodes: ME-JEDDAH-1-AD-1."""
    return availability_domain.rpartition(":")[2]
