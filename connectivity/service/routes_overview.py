"""The page "Program": one page that leads to everything of this room that the account may open."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from connectivity.access import gate
from connectivity.service.blueprint import blueprint


@dataclass(frozen=True)
class Entry:
    """A page: its endpoint (it needs nothing in its address), its name, and what one does there."""

    endpoint: str
    name: Any
    words: Any


ENTRIES: dict[Any, tuple[Entry, ...]] = {
    _l("Every day"): (
        Entry("service.stalled_list", _l("Stalled households"), _l("Who waits too long, and what to do next for each.")),
        Entry("service.funnel", _l("From eligible to connected"), _l("How far households came, month by month, and how long each step takes.")),
        Entry("service.serviceability", _l("What serves an address"), _l("Ask providers which addresses their wire reaches, and take their answers back.")),
        Entry("service.no_wire_homes", _l("No wire reaches: offer a hotspot"), _l("Homes where every provider that was asked said no, with the next step of each.")),
    ),
    _l("Codes and letters"): (
        Entry("service.code_books", _l("Code books"), _l("Every membership code: what came in, where it stands, and whether the books balance. Add or make codes.")),
        Entry("service.give_codes", _l("Give out codes"), _l("One code to each household that waits, for an area, a school or a language.")),
        Entry("service.letters", _l("Letters with codes"), _l("One PDF for printing, in English, Spanish and Polish.")),
        Entry("service.why_code", _l("Why doesn’t this code work?"), _l("Where a code stands and what to do next. It opens no family’s file.")),
        Entry("service.family_lookup", _l("The families’ own look-up"), _l("Open to anyone, with a student’s ID and birth date; also in Spanish.")),
    ),
    _l("Every month"): (
        Entry("service.provider_files", _l("Files for providers"), _l("Send a provider its list, and take the same list back with its status.")),
        Entry("service.provider_problems", _l("Problems that providers report"), _l("Homes a provider cannot serve, families it cannot reach, and what to do about each.")),
        Entry("service.bills", _l("Providers’ bills"), _l("Hold a provider’s bill against the homes it serves, and answer it.")),
    ),
    _l("Every year"): (
        Entry("service.providers", _l("Providers, plans and prices"), _l("Names, speeds and prices of providers, each from its day on.")),
        Entry("service.eligibility", _l("Eligibility"), _l("Policies, the yearly run with a preview, what-if, and appeals that wait.")),
        Entry("service.program_years", _l("Program years"), _l("First and last day, funding, open or closed to new households, extensions, targets.")),
        Entry("service.graduates_run", _l("Graduates"), _l("Record that households of graduates leave, three months after graduation.")),
    ),
}  # fmt: skip


@blueprint.get("/service/")
@gate.open_to(gate.READING)
def overview() -> ResponseReturnValue:
    """The pages of this room, by what one comes for."""
    role = gate.account().role
    groups = {
        heading: found
        for heading, entries in ENTRIES.items()
        if (found := [one for one in entries if _open(one, role)])
    }
    return render_template("service/overview.html", groups=groups)


def _open(entry: Entry, role: str) -> bool:
    access = gate.access_of(current_app, entry.endpoint)
    return access == gate.ANYONE or (isinstance(access, frozenset) and role in access)
