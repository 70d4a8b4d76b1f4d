"""Which column of a county's address-point CSV is which: found by the headings counties publish, or as somebody names them."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process, utils

# Our column -> the headings counties publish it under, the surest first. Letter case, blanks and underscores do not matter.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("Add_Number", "AddNumber", "ADDRNO", "ADDRNOCOM", "House_Number", "HouseNo", "Number"),
    "direction": ("St_PreDir", "LSt_PreDir", "ST_PREDIR", "STNAMEPRD", "PreDir", "Direction"),
    "street": ("St_Name", "LSt_Name", "STNAME", "Street_Name", "Street"),
    "kind": ("St_PosTyp", "LSt_Type", "STNAMEPOT", "St_Type", "Post_Type", "Suffix"),
    "line": ("CMPADDABRV", "Full_Address", "FullAddr", "Address", "Complete_Address"),
    "zip": ("Post_Code", "ZIP5", "Zip_Code", "ZIP", "Postal_Code", "Postcode"),
    "city": ("Inc_Muni", "PLACENAME", "Municipality", "Muni", "City", "Post_Comm"),
    "lon": ("Long", "Lon", "Longitude", "XPosition", "X"),
    "lat": ("Lat", "Latitude", "YPosition", "Y"),
}
HEADER_BYTES = 1 << 16


class AddressFileRefused(ValueError):
    """The file cannot be taken. `reasons` are sentences for the person, all of them."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


def read_header(path: Path) -> tuple[str, tuple[str, ...]]:
    """(separator, headings). Raises AddressFileRefused for what is no CSV."""
    with path.open("rb") as file:
        line = file.read(HEADER_BYTES).partition(b"\n")[0]
    if not line.strip():
        raise AddressFileRefused("The file is empty. Download it again.")
    if b"\0" in line:
        raise AddressFileRefused("This is not a CSV file, whatever its name says. Download the table as CSV.")
    text = line.decode("utf-8-sig", "replace")
    separator = max(",;\t", key=text.count)
    try:
        return separator, tuple(cell.strip() for cell in next(csv.reader([text], delimiter=separator)))
    except csv.Error as broken:
        raise AddressFileRefused(f"The headings cannot be read as CSV ({broken}). Download it again.") from broken


def find_columns(headings: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    """Our column -> the file's heading; `named` outranks what is known. Raises AddressFileRefused when one is missing or not there."""
    there = {_plain(heading): heading for heading in reversed(headings)}
    wrong = [f"{ours} is no column of ours. Ours are: {', '.join(HEADINGS)}." for ours in named if ours not in HEADINGS]
    wrong += [
        f"The file has no heading {theirs}. {_nearest([theirs], headings)}"
        for theirs in named.values()
        if _plain(theirs) not in there
    ]
    if wrong:
        raise AddressFileRefused(*wrong)
    columns = {}
    for ours, known in HEADINGS.items():
        names = [named[ours]] if ours in named else known
        if found := [there[_plain(name)] for name in names if _plain(name) in there]:
            columns[ours] = found[0]
    if missing := _missing(columns, headings):
        known_so_far = ", ".join(f"{ours} = {theirs}" for ours, theirs in columns.items()) or "none"
        raise AddressFileRefused(*missing, f"Found so far: {known_so_far}. Name the others with --column ours=THEIRS.")
    return columns


def _plain(heading: str) -> str:
    return "".join(filter(str.isalnum, heading.casefold()))


def _missing(columns: Mapping[str, str], headings: Sequence[str]) -> list[str]:
    """A whole line stands for number and street."""
    wanted = [ours for ours in ("lon", "lat") if ours not in columns]
    if "line" not in columns:
        wanted += [ours for ours in ("number", "street") if ours not in columns]
    return [
        f"No column for {ours} ({', '.join(HEADINGS[ours])}). {_nearest(HEADINGS[ours], headings)}" for ours in wanted
    ]


def _nearest(names: Sequence[str], headings: Sequence[str]) -> str:
    alike = [process.extractOne(name, headings, scorer=fuzz.ratio, processor=utils.default_process) for name in names]
    return f"The nearest heading is {max(alike, key=lambda one: one[1])[0]}."
