"""Analyse POV-Ray scenes."""
