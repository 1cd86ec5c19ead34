"""The Deployments that Tutor renders beside the LMS.

Source: Tutor 22, ``k8s/deployments.yml`` and ``k8s/volumes.yml``, and tutor-mfe 22. Each has one
container with the Deployment's own name.
"""

from __future__ import annotations

from typing import Final

NAMES: Final = frozenset(
    {
        "caddy",
        "cms",
        "cms-worker",
        "lms-worker",
        "meilisearch",
        "mfe",
        "mongodb",
        "mysql",
        "redis",
        "smtp",
    }
)
"""All of them."""

WITH_VOLUME: Final = frozenset({"meilisearch", "mongodb", "mysql", "redis"})
"""Those that keep data in a PersistentVolumeClaim of their own name, mounted by one pod."""
