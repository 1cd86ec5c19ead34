"""A client of the embedded API server, for what OKE's own controllers do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from lightkube import ApiError, Client, KubeConfig

from rehearsal.oci.access import administrators_kubeconfig
from rehearsal.paths import StackPaths

FIELD_MANAGER = "oke"


@contextmanager
def administrator(paths: StackPaths) -> Iterator[Client]:
    """A client with all rights.

    Raises:
        CloudError: there is no control plane.
    """
    config = KubeConfig.from_dict(
        administrators_kubeconfig(paths), fname=paths.admin_kubeconfig
    ).get()
    with Client(config=config, field_manager=FIELD_MANAGER, trust_env=False) as client:
        yield client


@contextmanager
def if_there() -> Iterator[None]:
    """Let what is not found pass: it is what a deletion wants."""
    try:
        yield
    except ApiError as error:
        if error.status.code != HTTPStatus.NOT_FOUND:
            raise
