"""The question set: labels as Ed-Fi writes them, and the skip logic held by the rule and by the database alike."""

import datetime as dt
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.register import ConnectivityResponse
from connectivity.rules import connectivity_codes as codes
from connectivity.rules.connectivity_codes import Answers, edfi_label
from tests import factories

# The descriptors' CodeValues, copied from the Ed-Fi Data Standard v6, not from the code.
EDFI = {
    codes.Barrier: {"Not Available", "Not Affordable", "Not Desired", "Other"},
    codes.AccessType: {
        "Residential Broadband", "Cellular Network", "Hot Spot", "Community Provided Wi-Fi", "Satellite", "Dial-up", "Other", "None", "Unknown",
    },
    codes.Performance: {"Yes", "Sometimes", "No"},
    codes.Device: {"Desktop Computer", "Laptop Computer", "Tablet", "Chromebook", "Smartphone", "None", "Other"},
    codes.DeviceAccess: {"Shared", "Not Shared", "Unknown"},
    codes.DeviceProvider: {"Personal", "School", "Other"},
}  # fmt: skip


@pytest.mark.parametrize("words", EDFI, ids=lambda words: words.__name__)
def test_every_code_is_shown_by_its_edfi_label(words: Any) -> None:
    assert {edfi_label(word.value) for word in words} == EDFI[words]


def answers(**given: str | None) -> Answers:
    types: dict[str, Any] = {
        "access": codes.Access, "barrier": codes.Barrier, "access_type": codes.AccessType, "performance": codes.Performance,
        "device": codes.Device, "device_access": codes.DeviceAccess, "device_provider": codes.DeviceProvider,
    }  # fmt: skip
    return Answers(**{name: types[name](value) for name, value in given.items() if value})


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"access": "Yes", "barrier": "NotAffordable"}, {"barrier"}),
        ({"access": "Unknown", "barrier": "NotAffordable"}, {"barrier"}),
        ({"access": "Yes", "access_type": "None"}, {"access_type"}),
        ({"access": "No", "access_type": "Satellite"}, {"access_type"}),
        ({"access": "No", "performance": "No"}, {"performance"}),
        ({"performance": "Yes"}, {"performance"}),
        ({"access": "Declined", "performance": "Yes", "barrier": "Other"}, {"performance", "barrier"}),
        (
            {"device": "None", "device_access": "Shared", "device_provider": "School"},
            {"device_access", "device_provider"},
        ),
        ({"access": "No", "device_access": "Shared"}, {"device_access"}),
        ({"access": "No", "barrier": "NotDesired", "access_type": "None"}, set()),
        ({"access": "Yes", "access_type": "Unknown", "performance": "Sometimes"}, set()),
        ({"access": "Unknown"}, set()),
        ({"device": "Chromebook", "device_access": "NotShared", "device_provider": "School"}, set()),
    ],
)
def test_a_contradiction_is_told_at_each_field(given: dict[str, str], wrong: set[str]) -> None:
    assert set(answers(**given).problems()) == wrong


ANY = st.builds(
    Answers,
    access=st.none() | st.sampled_from(codes.Access),
    barrier=st.none() | st.sampled_from(codes.Barrier),
    access_type=st.none() | st.sampled_from(codes.AccessType),
    performance=st.none() | st.sampled_from(codes.Performance),
    device=st.none() | st.sampled_from(codes.Device),
    device_access=st.none() | st.sampled_from(codes.DeviceAccess),
    device_provider=st.none() | st.sampled_from(codes.DeviceProvider),
)


@given(ANY)
def test_unknown_is_never_no(one: Answers) -> None:
    """Only a home that said No may carry a barrier: not knowing is not a reason to be without."""
    if one.access in (codes.Access.UNKNOWN, codes.Access.DECLINED, None) and one.barrier:
        assert "barrier" in one.problems()


def test_the_database_holds_the_same_skip_logic_as_the_form(session: Session) -> None:
    """Every combination of the fields that depend on each other: the CHECKs refuse exactly what the rule refuses."""
    household = factories.household(session)
    session.commit()
    connection: Any = product(
        [None, *codes.Access],
        [None, codes.Barrier.OTHER],
        [None, codes.AccessType.NONE, codes.AccessType.UNKNOWN],
        [None, codes.Performance.NO],
    )
    device: Any = product(
        [None, codes.Device.NONE, codes.Device.TABLET],
        [None, codes.DeviceAccess.SHARED],
        [None, codes.DeviceProvider.SCHOOL],
    )
    cases = [Answers(access=a, barrier=b, access_type=t, performance=p) for a, b, t, p in connection]
    cases += [Answers(device=d, device_access=s, device_provider=p) for d, s, p in device]
    for case in cases:
        # A respondent has answered whether there is internet, or named a device: that is the database's last check.
        lawful = not case.problems() and bool(case.access or case.device)
        assert _stores(session, household.id, case) == lawful, case


def _stores(session: Session, household_id: int, case: Answers) -> bool:
    row = ConnectivityResponse(
        household_id=household_id, observed_on=dt.date(2026, 9, 1), respondent="guardian", mode="phone", language="en", instrument="test",
        **{name: value.value if value else None for name, value in vars(case).items()},
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True
