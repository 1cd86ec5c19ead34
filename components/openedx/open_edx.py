"""The component that makes the hand-over to Tutor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pulumi

from components.capacity import PodDemand, PoolCapacity
from components.openedx import plugin, tutor
from components.openedx.demand import lms_pod
from components.openedx.notes import notes
from components.openedx.placement import PriorityClasses, Stage
from components.openedx.secrets import OpenEdxSecrets
from components.openedx.sizing import uwsgi
from components.settings.openedx import OpenEdxSettings


class OpenEdx(pulumi.ComponentResource):
    """Open edX as this project hands it over to Tutor."""

    tutor: Mapping[str, Any]
    """The plain half of the hand-over: ``version``, ``plugins``, ``config`` (with placeholders),
    ``plugin``, ``uwsgi`` and ``notes``, what the operator should know. Only ``config.ID`` and
    ``config.MEILISEARCH_API_KEY_UID`` are unknown before the first update."""
    tutor_secrets: pulumi.Output[dict[str, str]]
    """The secret half, by Tutor's key."""

    def __init__(  # noqa: PLR0913 - what the room takes from others is named one by one
        self,
        name: str,
        spec: OpenEdxSettings,
        *,
        secrets: OpenEdxSecrets,
        lms_pool: PoolCapacity,
        general_pool: PoolCapacity,
        beside: Sequence[PodDemand],
        storage_class: str,
        priority_classes: PriorityClasses,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make what ``spec`` describes.

        Args:
            name: Logical name.
            spec: The settings.
            secrets: Its secrets and identities.
            lms_pool: The pool of LMS pods.
            general_pool: The pool of everything else.
            beside: What else runs on the general pool.
            storage_class: Of every volume.
            priority_classes: The cluster's.
            opts: Resource options.
        """
        super().__init__("openedx-large:index:OpenEdx", name, None, opts)
        self.tutor_secrets = secrets.values
        stage = Stage(
            lms_replicas=lms_pool.nodes,
            lms_requests=lms_pod(spec, lms_pool),
            storage_class=storage_class,
            priority_classes=priority_classes,
        )
        sizing = uwsgi(spec, lms_pool)
        self.tutor = {
            "version": tutor.VERSION,
            "plugins": list(tutor.PLUGINS),
            "config": {**tutor.config(spec, lms_pool=lms_pool), **secrets.identities},
            "plugin": {
                "name": plugin.NAME,
                "version": plugin.VERSION,
                "patches": dict(plugin.patches(spec, stage)),
            },
            "uwsgi": {**asdict(sizing), "concurrent_requests": sizing.concurrent_requests},
            "notes": list(notes(spec, general_pool=general_pool, beside=beside)),
        }
        self.register_outputs({"tutor": self.tutor, "tutor_secrets": self.tutor_secrets})
