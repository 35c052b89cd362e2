"""Analyse Maya scenes."""
