"""The room's pages. Each file of routes hangs its pages on the one blueprint."""

from connectivity.rosters import routes_hand_in, routes_repair, routes_roster, routes_rows, routes_sources
from connectivity.rosters.blueprint import blueprint

__all__ = ["blueprint", "routes_hand_in", "routes_repair", "routes_roster", "routes_rows", "routes_sources"]
