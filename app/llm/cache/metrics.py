"""Counters of the cache, over all workspaces."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

LOOKUPS = Counter("galley_cache_lookups_total", "Questions to the cache, by how they ended", ["outcome"])
SAVED = Counter("galley_cache_saved_micros_total", "Micro-dollars that served answers did not cost again", ["outcome"])
REFUSED = Counter("galley_cache_refused_total", "Close questions that a guard kept apart", ["guard"])
BROKEN = Counter("galley_cache_broken_total", "Lookups and stores that failed; the model was asked", ["verb"])
SHELVES = Gauge("galley_cache_vectors", "Vectors that this process holds")
