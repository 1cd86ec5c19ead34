"""The Tutor plugin that a stack hands over: a name, a version and patches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.openedx import placement, serving, time_limits
from components.openedx.manifests import documents, to_yaml
from components.settings.openedx import OpenEdxSettings

NAME: Final = "openedx-large"

VERSION: Final = "1.0.0"


def patches(spec: OpenEdxSettings, stage: placement.Stage) -> Mapping[str, str]:
    """The text of each patch by the name that Tutor's templates give it."""
    overrides = [
        placement.lms(stage),
        *placement.general(spec, stage),
        *placement.volumes(spec, stage),
    ]
    return {
        "k8s-deployments": documents(list(placement.disruption_budgets(spec))),
        "k8s-override": documents(overrides),
        "kustomization-patches": to_yaml(list(placement.targeted(spec, stage))),
        "openedx-common-settings": time_limits.settings(),
        "uwsgi-config": serving.uwsgi_config(spec),
    }
