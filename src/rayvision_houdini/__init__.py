"""Analyse Houdini scenes."""
