"""The tables of the store: resources, runs, operations, and the uses of faults."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT UNIQUE NOT NULL,
    type       TEXT NOT NULL,
    name       TEXT NOT NULL,
    scope      TEXT NOT NULL,
    region     TEXT NOT NULL,
    owner      TEXT,
    state      TEXT NOT NULL,
    properties TEXT NOT NULL,
    private    TEXT NOT NULL,
    created_at REAL NOT NULL,
    settled_at REAL NOT NULL,
    deleted_at REAL
);
CREATE INDEX IF NOT EXISTS live_by_type ON resources (type, deleted_at);
CREATE TABLE IF NOT EXISTS runs (
    run   INTEGER PRIMARY KEY AUTOINCREMENT,
    name  TEXT NOT NULL,
    began REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS operations (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run      INTEGER NOT NULL,
    type     TEXT NOT NULL,
    verb     TEXT NOT NULL,
    urn      TEXT NOT NULL,
    id       TEXT,
    started  REAL NOT NULL,
    ended    REAL NOT NULL,
    error    TEXT
);
CREATE TABLE IF NOT EXISTS fault_uses (
    fault TEXT PRIMARY KEY,
    uses  INTEGER NOT NULL
);
"""
