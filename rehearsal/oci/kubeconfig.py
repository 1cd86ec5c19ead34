"""The kubeconfig that OKE gives out, leading to the embedded API server.

As ``oci ce cluster create-kubeconfig`` writes it for token version 2.0.0: the user is a call of
the OCI command line, so that no credential is in it. The address is the one thing that differs:
the cluster's own exists in the simulation only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from rehearsal.cloud.store import Record
from rehearsal.oci import errors, ocid
from rehearsal.oci.access import access
from rehearsal.oci.tokens import CLUSTER
from rehearsal.paths import StackPaths

ENDPOINTS = ("LEGACY_KUBERNETES", "PUBLIC_ENDPOINT", "PRIVATE_ENDPOINT", "VCN_HOSTNAME")
TOKEN_VERSION = "2.0.0"  # noqa: S105 - a version


def content(cluster: Record, args: Mapping[str, Any], paths: StackPaths) -> str:
    """The kubeconfig of a cluster, YAML.

    Raises:
        CloudError: an endpoint that the cluster does not have, or a token version of the past.
    """
    _check(cluster, args)
    found = access(paths)
    suffix = f"c{ocid.tail(cluster.id, 10)}"
    command = ["ce", "cluster", "generate-token", "--cluster-id", cluster.id]
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": f"cluster-{suffix}",
                    "cluster": {
                        "server": found.server,
                        "certificate-authority-data": found.ca_data,
                    },
                }
            ],
            "users": [
                {
                    "name": f"user-{suffix}",
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "oci",
                            "args": [*command, "--region", cluster.region],
                            "env": [],
                        }
                    },
                }
            ],
            "contexts": [
                {
                    "name": f"context-{suffix}",
                    "context": {"cluster": f"cluster-{suffix}", "user": f"user-{suffix}"},
                }
            ],
            "current-context": f"context-{suffix}",
        },
        sort_keys=False,
    )


def _check(cluster: Record, args: Mapping[str, Any]) -> None:
    endpoint = args.get("endpoint") or "PRIVATE_ENDPOINT"
    if endpoint not in ENDPOINTS:
        raise errors.invalid_parameter(
            f"Invalid endpoint: {endpoint} is none of {', '.join(ENDPOINTS)}", CLUSTER
        )
    public = cluster.properties["endpointConfig"]["isPublicIpEnabled"]
    if endpoint in {"PUBLIC_ENDPOINT", "LEGACY_KUBERNETES"} and not public:
        raise errors.invalid_parameter(
            f"Invalid endpoint: cluster {cluster.id} has no {endpoint}", CLUSTER
        )
    version = args.get("tokenVersion") or TOKEN_VERSION
    if version != TOKEN_VERSION:
        raise errors.invalid_parameter(f"Invalid tokenVersion: {version}", CLUSTER)
