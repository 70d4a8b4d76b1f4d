"""How long work says how far it is: to the queue, or to the bar of a command."""

from collections.abc import Callable

Report = Callable[[str, int, int], None]  # stage in words, done, total (0: not known)
