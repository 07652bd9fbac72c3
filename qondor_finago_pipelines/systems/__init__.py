"""The systems on the other end of the wire: Qondor, Finago and Slack. Wire to records, and back.

Nothing here decides anything, knows a rule of the article or the settings, or imports Dagster. A read that fails
raises one of `records.errors`; it is never an empty list. A write says whether it certainly did not land or whether
nobody knows (decisions 7).
"""
