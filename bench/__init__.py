"""Measurements: one module per bench, each with a reference measured in the same run."""
