"""The one way in which setting up stops: a reason in one line and the way out, never a traceback."""

PREFIX = "Galley cannot start. "


class Refusal(Exception):
    """Setting up cannot go on.

    `reason` is one plain sentence; `way_out` says what to do about it.
    """

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.reason}\n  Way out: {self.way_out}"
