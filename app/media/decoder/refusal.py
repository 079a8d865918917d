"""How the program says no."""


class Refusal(Exception):
    """The file can't be used; `reason` is a word of `app/media/reasons.py`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
