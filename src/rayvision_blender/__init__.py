"""Analyse Blender scenes."""
