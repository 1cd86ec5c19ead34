"""The real Pulumi engine, apart from the user's own Pulumi and without credentials in reach."""

from rehearsal.engine.engine import Engine, EngineError, Operation
from rehearsal.engine.events import JsonEvent, PolicyViolation, Problem, normalised
from rehearsal.engine.plugins import PluginChoice, PluginError, parse_named
from rehearsal.engine.scratch import ScratchProjectError

__all__ = [
    "Engine",
    "EngineError",
    "JsonEvent",
    "Operation",
    "PluginChoice",
    "PluginError",
    "PolicyViolation",
    "Problem",
    "ScratchProjectError",
    "normalised",
    "parse_named",
]
