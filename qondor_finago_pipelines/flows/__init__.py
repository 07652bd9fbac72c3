"""The flows: ask, read, decide, apply, judge. One file for each; none of them knows Dagster.

A flow asks what must be looked up, reads it through `systems`, lets `rules` decide, applies the plan stage by stage
with every write remembered in the `store`, and tells in a `FlowResult` how each record ended.
"""
