"""`python -m qondor_finago_pipelines` is `qondor-finago`."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main(prog_name="qondor-finago")
