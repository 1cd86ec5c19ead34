"""Two runs of the same operation give equal events, and different ones do not."""

from typing import Any

from pulumi.automation import EngineEvent

from rehearsal.engine.events import (
    changes,
    is_debugging,
    normalised,
    plain,
    policy_violations,
    problems,
    to_json,
)

RAW: dict[str, Any] = {
    "sequence": 4,
    "timestamp": 1700000000,
    "resourcePreEvent": {
        "metadata": {
            "op": "replace",
            "urn": "urn:pulumi:dev::p::oci:Core/vcn:Vcn::main",
            "type": "oci:Core/vcn:Vcn",
            "provider": "urn:p::id",
            "keys": ["cidrBlock"],
            "detailedDiff": {"cidrBlock": {"diffKind": "update-replace", "inputDiff": True}},
            "new": {
                "type": "oci:Core/vcn:Vcn",
                "urn": "u",
                "id": "",
                "parent": "",
                "provider": "",
                "inputs": {"sequence": 1, "snake_case": {"timestamp": 2}},
            },
        },
        "planning": True,
    },
}


def test_an_event_reads_as_the_engine_wrote_it() -> None:
    assert to_json(EngineEvent.from_json(RAW)) == RAW


def diagnostic(message: str, severity: str = "info", **more: Any) -> dict[str, Any]:
    body = {"message": message, "severity": severity, "color": "never", **more}
    return {"sequence": 1, "timestamp": 1, "diagnosticEvent": body}


def test_numbers_times_and_order_of_a_run_do_not_count() -> None:
    one = [
        {"sequence": 1, "timestamp": 10, "cancelEvent": {}},
        diagnostic("a", streamId=3),
        {"summaryEvent": {"durationSeconds": 3, "resourceChanges": {"same": 1}}},
    ]
    other = [
        {"summaryEvent": {"durationSeconds": 5, "resourceChanges": {"same": 1}}},
        diagnostic("passing", ephemeral=True),
        diagnostic("a", streamId=7),
        {"sequence": 9, "timestamp": 20, "cancelEvent": {}},
    ]
    assert normalised(one) == normalised(other)


def test_a_difference_in_a_resource_counts_whatever_it_is_called() -> None:
    changed = {
        **RAW,
        "resourcePreEvent": {
            **RAW["resourcePreEvent"],
            "metadata": {
                **RAW["resourcePreEvent"]["metadata"],
                "new": {"inputs": {"sequence": 2, "snake_case": {"timestamp": 2}}},
            },
        },
    }
    assert normalised([RAW]) != normalised([changed])


def test_an_event_more_counts() -> None:
    assert normalised([RAW, RAW]) != normalised([RAW])


def test_messages_for_debugging_are_known_because_they_hold_secrets() -> None:
    assert is_debugging(EngineEvent.from_json(diagnostic("props: password", "debug")))
    assert not is_debugging(EngineEvent.from_json(diagnostic("x", "info#err")))
    assert not is_debugging(EngineEvent.from_json(RAW))


def test_problems_are_in_the_clouds_own_words() -> None:
    events = [
        diagnostic("hello"),
        diagnostic("<{%fg 1%}>Out of host capacity.<{%reset%}>\n", "error", urn="u"),
        diagnostic("careful", "warning"),
    ]
    assert [(p.severity, p.urn, p.message) for p in problems(events)] == [
        ("error", "u", "Out of host capacity."),
        ("warning", "", "careful"),
    ]


def test_colours_are_left_out_and_other_marks_are_not() -> None:
    assert plain("<{%reset%}>100% of {x} <b>\n") == "100% of {x} <b>"


def test_policies_are_told_with_resource_and_level() -> None:
    event = {
        "policyEvent": {
            "policyPackName": "openedx-large",
            "policyName": "no-autoscaler",
            "enforcementLevel": "mandatory",
            "resourceUrn": "u",
            "message": "<{%reset%}>remove it",
        }
    }
    (found,) = policy_violations([RAW, event])
    assert (found.pack, found.policy, found.level) == (
        "openedx-large",
        "no-autoscaler",
        "mandatory",
    )
    assert (found.urn, found.message) == ("u", "remove it")


def test_changes_are_those_of_the_summary() -> None:
    summary = {"summaryEvent": {"resourceChanges": {"create": 2, "same": 1}}}
    assert changes([RAW, summary]) == {"create": 2, "same": 1}
    assert changes([RAW]) == {}
