"""The frame of the demo program: its years and who pays, its providers and their dated plans, the organizations that do outreach."""

import datetime as dt
from dataclasses import dataclass

from connectivity.rules.service_states import ServiceType

LAUNCH = dt.date(2020, 6, 25)
FIRST_DAY = dt.date(2020, 9, 1)  # before it there is no program to show

# Source: the City's and the district's announcements of 2020 to 2025.
FUNDING = {
    2020: "Philanthropy (Griffin, Crown, Chicago COVID-19 Response Fund and others) and $5M federal CARES Act",
    2021: "Philanthropy (Griffin, Crown, Pritzker Traubert and others)",
    2022: "Chicago Public Schools",
    2023: "Chicago Public Schools",
    2024: "City of Chicago, American Rescue Plan Act; families already enrolled only",
    2025: "City of Chicago, American Rescue Plan Act, up to $4M; families already enrolled only (second renewal)",
}
ASSUMED = "Demo assumption: City of Chicago, open to new families again"
CLOSED_TO_NEW = (2024, 2025)


class TodayRefused(ValueError):
    """The demo cannot stand on this day. The message says why, in words."""


@dataclass(frozen=True)
class Year:
    """One program year. `joined`: whether new households could join while it ran."""

    id: int
    starts_on: dt.date
    ends_on: dt.date
    funding: str
    joined: bool
    current: bool

    @property
    def label(self) -> str:
        return f"{self.fall}-{(self.fall + 1) % 100:02d}"

    @property
    def fall(self) -> int:
        """The calendar year of its fall: 2026 for 2026-27."""
        return self.ends_on.year - 1


def years(today: dt.date) -> list[Year]:
    """Every program year from the launch to the one `today` lies in, which alone is open. Raises TodayRefused."""
    if today < FIRST_DAY:
        raise TodayRefused(
            f"The demo program needs a day from {FIRST_DAY.isoformat()} on; {today.isoformat()} is before."
        )
    last = today.year if today.month >= 7 else today.year - 1
    made = []
    for number, fall in enumerate(range(LAUNCH.year, last + 1), start=1):
        current = fall == last
        joined = current or fall not in CLOSED_TO_NEW
        made.append(
            Year(
                id=number,
                starts_on=LAUNCH if number == 1 else dt.date(fall, 7, 1),
                ends_on=dt.date(fall + 1, 6, 30),
                funding=FUNDING.get(fall, ASSUMED) if joined == (fall not in CLOSED_TO_NEW) else ASSUMED,
                joined=joined,
                current=current,
            )
        )
    return made


@dataclass(frozen=True)
class PlanSold:
    """One plan, from one day to another (None: still sold)."""

    id: int
    provider: int
    name: str
    service_type: ServiceType
    down_mbps: int
    up_mbps: int
    starts_on: dt.date
    ends_on: dt.date | None
    monthly_cents: int  # demo assumption, near $10 a month: providers' prices to the program are not published


COMCAST, ASTOUND, T_MOBILE = 1, 2, 3
PROVIDERS = ((COMCAST, "Comcast"), (ASTOUND, "Astound"), (T_MOBILE, "T-Mobile"))
# RCN took the name of its parent company in January 2022.
PROVIDER_NAMES = ((ASTOUND, "RCN", LAUNCH), (ASTOUND, "Astound", dt.date(2022, 1, 12)))

_DOUBLED = dt.date(2021, 3, 1)
_LAST_AT_LAUNCH_SPEED = dt.date(2021, 2, 28)
# Speed at launch was 25/3; families said it was too slow for several students, and it was doubled.
PLANS = (
    PlanSold(1, COMCAST, "Sponsored service 25/3", ServiceType.WIRED, 25, 3, LAUNCH, _LAST_AT_LAUNCH_SPEED, 995),
    PlanSold(2, COMCAST, "Sponsored service 50/6", ServiceType.WIRED, 50, 6, _DOUBLED, None, 995),
    PlanSold(3, ASTOUND, "Sponsored service 25/3", ServiceType.WIRED, 25, 3, LAUNCH, _LAST_AT_LAUNCH_SPEED, 995),
    PlanSold(4, ASTOUND, "Sponsored service 50/6", ServiceType.WIRED, 50, 6, _DOUBLED, None, 995),
    PlanSold(5, T_MOBILE, "Hotspot", ServiceType.HOTSPOT, 25, 3, LAUNCH, None, 1200),
)

# Made up. Community areas by number; each organization's work began with the program. The demo's partner account has its own
# organization, on the north lakefront.
ORGANIZATIONS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("Far North Families Network (demo)", (2, 4, 12, 13)),
    ("Northwest Neighbors Together (demo)", (14, 15, 16, 17, 19, 20, 21)),
    ("West Side Connects (demo)", (23, 25, 26, 27, 29)),
    ("Puentes Southwest (demo)", (30, 31, 57, 58, 61, 62, 63, 65, 66)),
    ("Bridgeport and Chinatown Language Bridge (demo)", (34, 59, 60)),
    ("Bronzeville Digital Stewards (demo)", (35, 36, 38, 40, 42)),
    ("Englewood Online (demo)", (67, 68, 69, 71)),
    ("Calumet Region Neighbors (demo)", (43, 46, 49, 50, 51, 52, 53, 54, 55)),
)
