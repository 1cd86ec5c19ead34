"""What a raised exception becomes on the wire."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from rehearsal.standin import secrecy
from rehearsal.standin.provider import CloudError, PartialFailure
from rehearsal.standin.values import value_at, walk
from rehearsal.standin.wire import Decoded, WireError, encode

logger = logging.getLogger(__name__)

_LONGEST_MESSAGE = 200
_SHORTEST_SECRET = 4
"""Shorter secrets are not searched for in texts: ``1`` or ``on`` would be everywhere."""


@dataclass(frozen=True)
class Failure:
    """A gRPC status: code, text, and the metadata that carries its details."""

    code: grpc.StatusCode
    message: str
    metadata: tuple[tuple[str, str | bytes], ...] = ()


def failure(error: Exception, given: Sequence[Decoded]) -> Failure:
    """The status for ``error``; ``given`` is what the request held, for its secrets."""
    if isinstance(error, PartialFailure):
        try:
            return _partial(error, given)
        except WireError as unencodable:
            return _unexpected(unencodable, given)
    if isinstance(error, CloudError):
        # What bridged providers answer with, so that the engine treats it alike.
        return Failure(grpc.StatusCode.UNKNOWN, str(error))
    if isinstance(error, WireError):
        return Failure(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    return _unexpected(error, given)


def _partial(error: PartialFailure, given: Sequence[Decoded]) -> Failure:
    state = error.state
    detail = provider_pb2.ErrorResourceInitFailed(
        id=state.id,
        properties=encode(state.outputs, secrecy.of_outputs(state.outputs, state.secrets, *given)),
        reasons=error.reasons,
        inputs=encode(state.inputs, secrecy.of_inputs(state.inputs, *given, named=state.secrets)),
    )
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=str(error))
    status.details.add().Pack(detail)
    return Failure(code, str(error), (("grpc-status-details-bin", status.SerializeToString()),))


def _unexpected(error: Exception, given: Sequence[Decoded]) -> Failure:
    secrets = _secret_texts(given)
    logger.error("%s", _redact("".join(traceback.format_exception(error)), secrets))
    first_line = _redact(str(error), secrets).partition("\n")[0][:_LONGEST_MESSAGE]
    text = f"the stand-in failed: {type(error).__name__}: {first_line}"
    return Failure(grpc.StatusCode.INTERNAL, text)


def _secret_texts(given: Sequence[Decoded]) -> list[str]:
    secret = (value_at(path, one.values) for one in given for path in one.secrets)
    leaves = (leaf for value in secret for _, leaf in walk(value))
    texts = {leaf for leaf in leaves if isinstance(leaf, str) and len(leaf) >= _SHORTEST_SECRET}
    return sorted(texts, key=len, reverse=True)


def _redact(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return text
