"""Every chart and image that the program installs, pinned, one line each.

Image names are complete, with their registry: CRI-O on Kubernetes 1.34 and later takes no short
ones.
"""

from __future__ import annotations

# Oracle supports Calico 3.30.3 on OKE 1.34, 3.31.5 on 1.35 and 3.32.0 on 1.36 (OKE's compatibility
# matrix): it moves with the cluster's Kubernetes version, not by itself.
# renovate: datasource=docker depName=quay.io/calico/node
CALICO_NODE_IMAGE = "quay.io/calico/node:v3.30.3"
