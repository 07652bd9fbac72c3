"""What is decided, and nothing else: records go in, records come out.

No function here reads or writes a system, looks at a clock or knows Dagster; `now` and `today` are arguments. The same
input gives the same decision on any machine. Each table of the integration article is one small function.
"""
