"""The long work of this room, made known to the queue."""

from connectivity.jobs import Jobs
from connectivity.service.bills import jobs as bills
from connectivity.service.eligibility import jobs as eligibility
from connectivity.service.letters import jobs as letters
from connectivity.service.provider_files import jobs as provider_files
from connectivity.service.serviceability import jobs as serviceability


def install(jobs: Jobs) -> None:
    """Makes every task of the room known."""
    for room in (bills, eligibility, letters, provider_files, serviceability):
        room.install(jobs)
