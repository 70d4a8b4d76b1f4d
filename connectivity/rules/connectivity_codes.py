"""How a home is connected, in the words of CEDS (stored) and Ed-Fi (shown), with the question set's skip logic.

Source: CEDS elements 001931-001937 and the Ed-Fi Data Standard's digital-equity descriptors (the same lists from v4 to v6).
`Unknown` is an answer, an absent value is a question not answered, and `Declined` is a local extension.
"""

from dataclasses import dataclass
from enum import StrEnum


class Access(StrEnum):
    """Internet access in residence (CEDS 001934), with two local answers that are neither yes nor no."""

    YES = "Yes"
    NO = "No"
    UNKNOWN = "Unknown"
    DECLINED = "Declined"


class Barrier(StrEnum):
    """Barrier to internet access in residence (CEDS 001935). NotDesired: the guardian chooses not to subscribe."""

    NOT_AVAILABLE = "NotAvailable"
    NOT_AFFORDABLE = "NotAffordable"
    NOT_DESIRED = "NotDesired"
    OTHER = "Other"


class AccessType(StrEnum):
    """Internet access type in residence (CEDS 001936). CellularNetwork: a phone; HotSpot: a device of its own, whoever pays for it."""

    RESIDENTIAL_BROADBAND = "ResidentialBroadband"
    CELLULAR_NETWORK = "CellularNetwork"
    HOT_SPOT = "HotSpot"
    COMMUNITY_PROVIDED_WIFI = "CommunityProvidedWi-Fi"
    SATELLITE = "Satellite"
    DIALUP = "Dialup"
    OTHER = "Other"
    NONE = "None"
    UNKNOWN = "Unknown"


class Performance(StrEnum):
    """Internet performance in residence (CEDS 001937): can schoolwork be done without interruption?"""

    YES = "Yes"
    SOMETIMES = "Sometimes"
    NO = "No"


class Device(StrEnum):
    """Primary learning device away from school (CEDS 001931)."""

    DESKTOP = "DesktopComputer"
    LAPTOP = "LaptopComputer"
    TABLET = "Tablet"
    CHROMEBOOK = "Chromebook"
    SMARTPHONE = "Smartphone"
    NONE = "None"
    OTHER = "Other"


class DeviceAccess(StrEnum):
    """Primary learning device access (CEDS 001932)."""

    SHARED = "Shared"
    NOT_SHARED = "NotShared"
    UNKNOWN = "Unknown"


class DeviceProvider(StrEnum):
    """Primary learning device provider (CEDS 001933): of the device, not of the internet service."""

    PERSONAL = "Personal"
    SCHOOL = "School"
    OTHER = "Other"


class RespondentRole(StrEnum):
    """Who answered."""

    GUARDIAN = "guardian"
    STUDENT = "student"
    STAFF = "staff"
    PARTNER = "partner"


class ResponseMode(StrEnum):
    """How the answer reached us."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    PAPER = "paper"
    ONLINE = "online"


# Ed-Fi's labels where they are not the CEDS code with spaces put in.
EDFI_LABELS = {
    "CommunityProvidedWi-Fi": "Community Provided Wi-Fi",
    "Dialup": "Dial-up",
    "HotSpot": "Hot Spot",
}


def edfi_label(code: str) -> str:
    """The Ed-Fi CodeValue of a CEDS option code: `NotAffordable` -> `Not Affordable`."""
    if code in EDFI_LABELS:
        return EDFI_LABELS[code]
    return "".join(f" {letter}" if letter.isupper() and at else letter for at, letter in enumerate(code))


@dataclass(frozen=True, kw_only=True)
class Answers:
    """One answered question set. None: the question was not answered."""

    access: Access | None = None
    barrier: Barrier | None = None
    access_type: AccessType | None = None
    performance: Performance | None = None
    device: Device | None = None
    device_access: DeviceAccess | None = None
    device_provider: DeviceProvider | None = None

    @property
    def empty(self) -> bool:
        """A respondent answered at least one question; none answered is a non-response, not a record."""
        return not any(vars(self).values())

    def problems(self) -> dict[str, str]:
        """Field -> what contradicts the skip logic and what to do, every contradiction at once."""
        found: dict[str, str] = {}
        if self.access is not Access.NO and self.barrier:
            found["barrier"] = (
                "A barrier belongs to a home without internet. Clear it, or answer “No” to internet at home."
            )
        if self.access is Access.YES and self.access_type is AccessType.NONE:
            found["access_type"] = "The home has internet, so the type cannot be “None”. Choose a type or “Unknown”."
        if self.access not in (Access.YES, Access.NO) and self.access_type is AccessType.NONE:
            found["access_type"] = (
                "“None” belongs to a home without internet. Clear it, or answer “No” to internet at home."
            )
        if self.access is not Access.YES and self.access_type not in (None, AccessType.NONE):
            found["access_type"] = (
                "A type of internet belongs to a home that has internet. Clear it, or answer “Yes” to internet at home."
            )
        if self.access is not Access.YES and self.performance:
            found["performance"] = (
                "How well it works belongs to a home that has internet. Clear it, or answer “Yes” to internet at home."
            )
        if self.device in (None, Device.NONE):
            if self.device_access:
                found["device_access"] = "Sharing belongs to a device. Choose the device first, or clear this."
            if self.device_provider:
                found["device_provider"] = (
                    "Who provided it belongs to a device. Choose the device first, or clear this."
                )
        return found
