"""What a node's user data makes of OKE's start-up and of the kubelet."""

from __future__ import annotations

import pytest

from rehearsal.oci import kubelet
from rehearsal.oci.kubelet import Kubelet, NodeDoesNotStartError
from rehearsal.oci.quantity import cpu_millicores, memory_mib
from tests.rehearsal.oci.cloud import USER_DATA, encoded


def start(script: str) -> Kubelet:
    return kubelet.start({"user_data": encoded(script)})


def with_arguments(arguments: str) -> str:
    head, _, _ = USER_DATA.partition("--kubelet-extra-args")
    return f'{head}--kubelet-extra-args "{arguments}"\n'


def test_reservations_add_up() -> None:
    started = start(USER_DATA)
    assert started.reserved_cpu_millicores == 600
    assert started.reserved_memory_mib == 1124
    assert started.evicted_below("memory.available", 100_000) == 100
    assert started.taints == ({"key": "pool", "value": "lms", "effect": "NoSchedule"},)
    assert started.root_grown


def test_without_user_data_oke_starts_the_kubelet_with_its_defaults() -> None:
    started = kubelet.start({})
    assert started.reserved_cpu_millicores == 0
    assert started.evicted_below("memory.available", 100_000) == 100
    assert started.evicted_below("nodefs.available", 1000) == 100
    assert not started.root_grown


def test_naming_one_threshold_drops_those_that_are_not_named() -> None:
    started = start(with_arguments("--eviction-hard=memory.available<5%"))
    assert started.evicted_below("memory.available", 1000) == 50
    assert started.evicted_below("nodefs.available", 1000) == 0


def test_the_disk_is_grown_only_if_asked() -> None:
    assert not start(USER_DATA.replace("oci-growfs", "true")).root_grown


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/bash\necho hello\n", "does not fetch oke_init_script"),
        (USER_DATA.replace("opc/v2", "opc/v1"), "does not fetch oke_init_script"),
        (USER_DATA.replace("Bearer Oracle", "Bearer"), "without the header"),
        (USER_DATA.replace("\ncurl", "\n# curl"), "does not fetch oke_init_script"),
        (USER_DATA[: USER_DATA.index("bash /var")], "does not run it"),
        (with_arguments("--kube-reserve=cpu=1"), "unknown flag --kube-reserve=cpu=1"),
        (with_arguments("--kube-reserved=cpu"), "not written NAME=VALUE"),
        (with_arguments("--kube-reserved=cpu=some"), "could not convert"),
        (with_arguments("--kube-reserved=memory=1Gib"), "not a quantity"),
        (with_arguments("--register-with-taints=pool=lms"), "not a taint"),
        (with_arguments("--register-with-taints=pool=lms:NoWay"), "not a taint"),
    ],
)
def test_a_node_that_does_not_start_says_why(script: str, words: str) -> None:
    with pytest.raises(NodeDoesNotStartError, match=words):
        start(script)


def test_user_data_is_base64() -> None:
    with pytest.raises(NodeDoesNotStartError, match="base64"):
        kubelet.start({"user_data": USER_DATA})


def test_quantities() -> None:
    assert [cpu_millicores(it) for it in ("500m", "2", "1.5")] == [500, 2000, 1500]
    assert [memory_mib(it) for it in ("1Gi", "100Mi", "1048577", "1G")] == [1024, 100, 2, 954]
