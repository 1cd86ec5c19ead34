"""A held port is nobody else's, and its server can still bind it."""

from __future__ import annotations

import socket

import pytest

from rehearsal.controlplane.ports import LOOPBACK, HeldPort


def listener(port: int, *, shares: bool) -> socket.socket:
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if shares:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        server.bind((LOOPBACK, port))
        server.listen()
    except OSError:
        server.close()
        raise
    return server


def test_only_a_server_that_shares_can_bind_a_held_port() -> None:
    with HeldPort() as held:
        with pytest.raises(OSError, match="in use"):
            listener(held.port, shares=False)
        server = listener(held.port, shares=True)
    with server, socket.create_connection((LOOPBACK, held.port)) as client:
        accepted, _ = server.accept()
        accepted.close()
        assert client.recv(1) == b""


def test_held_ports_differ() -> None:
    held = [HeldPort() for _ in range(50)]
    try:
        assert len({port.port for port in held}) == 50
    finally:
        for port in held:
            port.release()


def test_a_released_port_can_be_had_again() -> None:
    with HeldPort() as first:
        pass
    with HeldPort(first.port) as again:
        assert again.port == first.port


@pytest.mark.parametrize("shares", [False, True])
def test_a_port_that_somebody_else_has_is_not_taken(shares: bool) -> None:
    with HeldPort() as first:
        pass
    with listener(first.port, shares=shares), HeldPort(first.port) as other:
        assert other.port != first.port
