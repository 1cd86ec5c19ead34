"""How fields pass from a create to the resource's own manager."""

from __future__ import annotations

from typing import Any

from rehearsal.kubernetes.ownership import created_by_us, handing_over


def entry(manager: str, operation: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
        **more,
    }


def live(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": "7", "managedFields": list(entries)}}


OURS = entry("pulumi-kubernetes", "Update", {"f:data": {"f:a": {}}})
STATUS = entry("kube-controller-manager", "Update", {"f:status": {}}, subresource="status")


def test_what_a_create_owns_passes_on_and_nothing_else() -> None:
    found = handing_over(live(OURS, STATUS), "mine")
    test, replace = found
    assert test == {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}
    assert replace["value"] == [{**OURS, "manager": "mine", "operation": "Apply"}, STATUS]


def test_what_is_owned_already_is_joined() -> None:
    mine = entry("mine", "Apply", {"f:data": {"f:b": {}}, "f:metadata": {}})
    kubectl = entry("kubectl", "Update", {"f:data": {"f:c": {}}})
    _, replace = handing_over(live(mine, OURS, kubectl), "mine")
    (joined,) = replace["value"]
    assert joined["fieldsV1"] == {
        "f:data": {"f:a": {}, "f:b": {}, "f:c": {}},
        "f:metadata": {},
    }


def test_what_others_own_stays_theirs() -> None:
    mine = entry("mine", "Apply", {"f:data": {}})
    theirs = entry("somebody", "Apply", {"f:spec": {}})
    ours_in_status = entry("pulumi-kubernetes", "Update", {"f:status": {}}, subresource="status")
    assert handing_over(live(mine, theirs, ours_in_status), "mine") == []


def test_whether_a_create_owns_anything() -> None:
    assert created_by_us(live(OURS, STATUS))
    assert not created_by_us(live(STATUS))
    assert not created_by_us({"metadata": {}})
