"""Decisions about frames and nodes as functions of values: no clock, no disk, no database."""
