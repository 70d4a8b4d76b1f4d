"""The room's pages. Each file of routes hangs its pages on the one blueprint."""

from connectivity.households import (
    routes_edit,
    routes_find,
    routes_merge,
    routes_place,
    routes_questions,
    routes_register,
    routes_responses,
    routes_service_address,
    routes_split,
)
from connectivity.households.blueprint import blueprint

__all__ = [
    "blueprint",
    "routes_edit",
    "routes_find",
    "routes_merge",
    "routes_place",
    "routes_questions",
    "routes_register",
    "routes_responses",
    "routes_service_address",
    "routes_split",
]
