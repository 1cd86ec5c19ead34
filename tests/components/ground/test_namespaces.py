"""The namespace of Open edX."""

from __future__ import annotations

from tests.components.conftest import Recording
from tests.components.ground.conftest import ground

NAMESPACE = "kubernetes:core/v1:Namespace"


def test_namespace_is_the_one_that_tutor_uses(recording: Recording) -> None:
    assert recording.one(NAMESPACE).inputs["metadata"]["name"] == "openedx"


def test_pod_security_is_enforced_and_the_rest_reported(recording: Recording) -> None:
    labels = recording.one(NAMESPACE).inputs["metadata"]["labels"]
    prefix = "pod-security.kubernetes.io/"
    assert {key.removeprefix(prefix): level for key, level in labels.items()} == {
        "enforce": "baseline",
        "warn": "restricted",
        "audit": "restricted",
    }


def test_namespace_goes_before_the_nodes(recording: Recording) -> None:
    assert "pool" in recording.one(NAMESPACE).dependencies


def test_namespace_is_protected_with_the_platform() -> None:
    assert ground(protect=True).one(NAMESPACE).protect
    assert not ground(protect=False).one(NAMESPACE).protect
