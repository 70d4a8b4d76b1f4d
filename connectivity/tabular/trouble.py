"""What a reader of cells says of a value it cannot take, before anybody knows in which row it stands."""

from dataclasses import dataclass


@dataclass(eq=False)
class Trouble(Exception):
    """Raised by a reader for one cell."""

    message: str
    advice: str
    stops: bool = True


def left_out(message: str, advice: str) -> Trouble:
    """A warning: the row is taken without this value."""
    return Trouble(message, advice, stops=False)
