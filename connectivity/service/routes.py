"""The room's pages. Each file of routes hangs its pages on the one blueprint."""

from connectivity.service import routes_overview, routes_steps
from connectivity.service.bills import routes_bills
from connectivity.service.blueprint import blueprint
from connectivity.service.codes import routes_books, routes_family, routes_give, routes_why
from connectivity.service.eligibility import routes_home as routes_eligibility_home
from connectivity.service.eligibility import routes_policies, routes_what_if
from connectivity.service.eligibility import routes_runs as routes_eligibility_runs
from connectivity.service.letters import routes_letters
from connectivity.service.progress import routes_funnel, routes_leaving, routes_stalled
from connectivity.service.provider_files import routes_files as routes_provider_files
from connectivity.service.provider_files import routes_providers
from connectivity.service.serviceability import routes_answers, routes_ask, routes_homes
from connectivity.service.years import routes_targets, routes_years

__all__ = [
    "blueprint",
    "routes_answers",
    "routes_ask",
    "routes_bills",
    "routes_books",
    "routes_eligibility_home",
    "routes_eligibility_runs",
    "routes_family",
    "routes_funnel",
    "routes_give",
    "routes_homes",
    "routes_leaving",
    "routes_letters",
    "routes_overview",
    "routes_policies",
    "routes_provider_files",
    "routes_providers",
    "routes_stalled",
    "routes_steps",
    "routes_targets",
    "routes_what_if",
    "routes_why",
    "routes_years",
]
