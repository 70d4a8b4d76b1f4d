"""What the demo's families answered obeys the vocabulary and its skip logic."""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from connectivity.register import ConnectivityResponse, Household, Residence, Student
from connectivity.rules import connectivity_codes as codes

FIELDS = {
    "access": codes.Access,
    "barrier": codes.Barrier,
    "access_type": codes.AccessType,
    "performance": codes.Performance,
    "device": codes.Device,
    "device_access": codes.DeviceAccess,
    "device_provider": codes.DeviceProvider,
}


def test_no_answer_contradicts_the_skip_logic(demo: Session):
    for response in demo.scalars(select(ConnectivityResponse)):
        given = {name: words(value) for name, words in FIELDS.items() if (value := getattr(response, name)) is not None}
        answers = codes.Answers(**given)
        assert not answers.problems()
        assert not answers.empty


def test_about_half_of_the_households_answered_and_some_twice(demo: Session):
    households = demo.scalar(select(func.count()).select_from(Household))
    answered = demo.execute(
        select(ConnectivityResponse.household_id, func.count()).group_by(ConnectivityResponse.household_id)
    ).all()
    assert 0.35 < len(answered) / households < 0.55
    assert max(count for _, count in answered) == 2


def test_unknown_and_declined_are_among_the_answers(demo: Session):
    found = set(demo.scalars(select(ConnectivityResponse.access)))
    assert {"Yes", "No", "Unknown", "Declined"} <= found


def test_each_answer_belongs_to_the_home_of_that_day_and_to_a_student_of_the_household(demo: Session):
    home_fits = (
        select(func.count())
        .select_from(ConnectivityResponse)
        .join(
            Residence,
            and_(
                Residence.id == ConnectivityResponse.residence_id,
                Residence.household_id == ConnectivityResponse.household_id,
                Residence.starts_on <= ConnectivityResponse.observed_on,
                (Residence.ends_on.is_(None)) | (Residence.ends_on > ConnectivityResponse.observed_on),
            ),
        )
    )
    total = demo.scalar(select(func.count()).select_from(ConnectivityResponse))
    assert demo.scalar(home_fits) == total
    of_another = (
        select(func.count())
        .select_from(ConnectivityResponse)
        .join(Student, Student.id == ConnectivityResponse.student_id)
    )
    assert demo.scalar(of_another.where(Student.household_id != ConnectivityResponse.household_id)) == 0
