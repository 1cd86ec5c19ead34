"""A real Kubernetes control plane without kubelets, in processes of this machine."""

from rehearsal.controlplane.binaries import Binaries
from rehearsal.controlplane.errors import ControlPlaneError
from rehearsal.controlplane.plane import ControlPlane

__all__ = ["Binaries", "ControlPlane", "ControlPlaneError"]
