"""The real Pulumi engine, apart from the user's own Pulumi and without credentials in reach."""

from rehearsal.engine.engine import Engine, OnEvent
from rehearsal.engine.events import JsonEvent, PolicyViolation, Problem, normalised
from rehearsal.engine.leftovers import end_leftovers
from rehearsal.engine.operation import EngineError, Operation
from rehearsal.engine.plugins import PluginChoice, PluginError, parse_named
from rehearsal.engine.scratch import ScratchProjectError

__all__ = [
    "Engine",
    "EngineError",
    "JsonEvent",
    "OnEvent",
    "Operation",
    "PluginChoice",
    "PluginError",
    "PolicyViolation",
    "Problem",
    "ScratchProjectError",
    "end_leftovers",
    "normalised",
    "parse_named",
]
