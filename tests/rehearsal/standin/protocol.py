"""The words in which tests speak the engine's protocol."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any, Final

import grpc.aio
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from rehearsal.standin.paths import Path
from rehearsal.standin.values import Properties
from rehearsal.standin.wire import Decoded, decode, encode
from tests.rehearsal.standin.toy import TYPE

URN: Final = f"urn:pulumi:test::toys::{TYPE}::car"
WHO: Final[dict[str, Any]] = {"urn": URN, "type": TYPE, "name": "car"}


PATIENCE_SECONDS: Final = 30
"""How long to wait for what happens at once; a test that needs it has failed."""


def appears(path: FilePath) -> None:
    """Wait for a file that another process makes."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        assert time.monotonic() < patience, f"{path} does not appear"
        time.sleep(0.01)


def wire(values: Properties, secrets: Iterable[Path] = ()) -> struct_pb2.Struct:
    return encode(values, secrets, allow_unknown=True)


def returned(response: Any) -> Decoded:
    return decode(getattr(response, "return"))


def init_failed(error: grpc.aio.AioRpcError) -> provider_pb2.ErrorResourceInitFailed:
    """The partial failure inside an error, found as the engine finds it."""
    metadata = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    assert status.code == error.code().value[0]
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    return detail
