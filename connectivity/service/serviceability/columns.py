"""The columns of a serviceability file, out and back (program.md 5.2). Pure."""

from connectivity.service.provider_files.headings import Column

COLUMNS = (
    Column("batch_id", "Our number of the file", also=("Batch",)),
    Column("request_id", "Our number of the address", required=True, also=("Request", "Request number", "Id")),
    Column("address_line1", "The address we ask about", also=("Address", "Address line 1", "Street address", "Street")),
    Column("unit", "Apartment or unit", also=("Apt", "Apartment", "Address line 2")),
    Column("city", "City"),
    Column("state", "State"),
    Column("zip", "ZIP code", also=("ZIP code", "Postal code")),
    Column("isp", "The provider", also=("Provider",)),
    Column("match_result", "exact, corrected, ambiguous or not found", required=True, also=("Match", "Address match")),
    Column("corrected_address", "The address as the provider has it, where it differs", also=("Corrected", "Our address", "Matched address")),
    Column("serviceable", "yes, no or unknown", required=True, also=("Serviceability", "Can be served", "Service available")),
    Column("existing_service", "yes, no or not disclosed", also=("Existing", "Existing customer", "Active service")),
    Column("technology", "How: cable, fiber, DSL ...", also=("Tech",)),
    Column("max_down_mbps", "Fastest download speed, Mbps", also=("Max download", "Max speed", "Speed")),
    Column("checked_on", "The day it was looked up", also=("Checked", "Date checked", "Check date", "Date")),
    Column("note", "Anything else", also=("Notes", "Comment", "Comments")),
)  # fmt: skip
HEADER = tuple(one.name for one in COLUMNS)
COLUMN = {one.name: one for one in COLUMNS}
TO_FILL = HEADER[HEADER.index("match_result") :]  # leave empty: the provider's own


def column_problems(headings: dict[str, str]) -> list[str]:
    """What stands against a choice of columns (heading -> our column, "" for none), in sentences."""
    given = [name for name in headings.values() if name]
    doubled = sorted({name for name in given if given.count(name) > 1 and name in COLUMN})
    missing = [one.name for one in COLUMNS if one.required and one.name not in given]
    return [f"Two headings are given to {name}. Choose one of them." for name in doubled] + [
        f"No heading is given to {name}, which every row needs." for name in missing
    ]
