"""Everything that runs on the nodes beside Open edX, by cloud.

Free of Pulumi: the settings are checked against these numbers before a program registers anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.capacity import SystemPods
from components.ground.calico.pods import CALICO_SYSTEM_PODS
from components.oci.system_pods import OKE_SYSTEM_PODS


def _together(*parts: SystemPods) -> SystemPods:
    return SystemPods(
        daemonsets=tuple(demand for part in parts for demand in part.daemonsets),
        deployments=tuple(demand for part in parts for demand in part.deployments),
    )


SYSTEM_PODS: Mapping[str, SystemPods] = {"oci": _together(OKE_SYSTEM_PODS, CALICO_SYSTEM_PODS)}
"""By ``cloud.provider``: the cloud's own add-ons and the network policy engine."""
