"""Analyse Clarisse scenes."""
