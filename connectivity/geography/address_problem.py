"""Why an address could not be read, for the program (a code) and for the person (what is wrong and what to do next)."""

from enum import StrEnum


class AddressProblem(StrEnum):
    NO_NUMBER = "no_number"
    NO_STREET = "no_street"
    EXTRA_WORDS = "extra_words"
    PO_BOX = "po_box"
    OTHER_CITY = "other_city"
    OTHER_STATE = "other_state"
    BAD_ZIP = "bad_zip"


_WORDS = {
    AddressProblem.NO_NUMBER: "The address does not begin with a house number. Write it as on mail: 1135 W Wilson Ave.",
    AddressProblem.NO_STREET: "After the house number there is no street. Write it as on mail: 1135 W Wilson Ave.",
    AddressProblem.EXTRA_WORDS: (
        "“{found}” after the street is neither an apartment nor Chicago. Put “Apt” before an apartment, or take the words out."
    ),
    AddressProblem.PO_BOX: "A post office box cannot be connected. Ask for the street address where the family lives.",
    AddressProblem.OTHER_CITY: "“{found}” is not Chicago. The program serves homes in Chicago: ask whether the family has moved.",
    AddressProblem.OTHER_STATE: "“{found}” is not Illinois. The program serves homes in Chicago: ask whether the family has moved.",
    AddressProblem.BAD_ZIP: "“{found}” is not a ZIP code. A ZIP code has five digits, such as 60640, or nine: 60640-1234.",
}


class AddressNotRead(ValueError):
    """The text is not a Chicago street address.

    `problem` is the code to translate or count by, `found` the words at fault, `reason` a sentence for the person.
    """

    def __init__(self, problem: AddressProblem, found: str = "") -> None:
        self.problem = problem
        self.found = found
        self.reason = _WORDS[problem].format(found=found)
        super().__init__(self.reason)
