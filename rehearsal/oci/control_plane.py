"""A client of the embedded API server, for what OKE's own controllers do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from lightkube import ApiError, Client, KubeConfig

from rehearsal.oci.access import administrators_kubeconfig
from rehearsal.paths import StackPaths

FIELD_MANAGER = "oke"

#: Requests come in threads. lightkube's models learn their types when they are first decoded, and
#: msgspec 0.22 below them crashes the process when two threads do that at once.
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def administrator(paths: StackPaths) -> Iterator[Client]:
    """A client with all rights, for one thread at a time. Everything of lightkube is used inside.

    Raises:
        CloudError: there is no control plane.
    """
    content = administrators_kubeconfig(paths)
    with _ONE_AT_A_TIME:
        config = KubeConfig.from_dict(content, fname=paths.admin_kubeconfig).get()
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
