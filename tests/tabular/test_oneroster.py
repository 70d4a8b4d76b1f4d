"""OneRoster ZIPs: students with guardian and school, told once, and what is refused."""

from pathlib import Path

import pytest

from connectivity.tabular.problems import FileRefused
from connectivity.tabular.workbook import Table
from tests.tabular.files import manifest, opened, zip_of

ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\nd,,,CPS,district,299,\ns1,,,Uplift,school,609999,d\ns2,,,Lane,school,610000,d\n"
USERS_11 = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
USERS_12 = "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
ROLES = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\n"
BIRTHS = "sourcedId,status,dateLastModified,birthDate,sex\nu1,,,2015-09-30,\n"
V11 = {
    "manifest.csv": manifest("1.1", demographics="bulk"),
    "orgs.csv": ORGS,
    "demographics.csv": BIRTHS,
    "users.csv": USERS_11
    + 'u1,,,true,"d,s1",student,x,,Luz,Muñoz,,50001234,luz@x.org,,,"t1,g1",04,\n'
    + "u9,,,true,s2,student,x,{Local:50001235},Ana,Ng,,,,,,,KG,\n"
    + "g1,,,true,s1,parent,x,,Rosa,Muñoz,,,rosa@x.org,7735550123,3125550100,,,\n"
    + "t2,,,true,s1,teacher,x,,Tom,Hall,,,t@x.org,,,,,\n",
}
V12 = {
    "manifest.csv": manifest("1.2"),
    "orgs.csv": ORGS,
    "users.csv": USERS_12
    + "u1,,,true,x,,Luz,Muñoz,,50001234,,,,g1,04,\n"
    + "u2,,,true,x,,Luz,Muñoz,,50001234,,,,g1,04,\n"
    + "g1,,,true,x,,Rosa,Muñoz,,,rosa@x.org,,7735550123,,,\n",
    "roles.csv": ROLES
    + "r1,,,u1,secondary,student,,,s1,\nr2,,,u2,primary,student,,,s2,\nr3,,,g1,primary,guardian,,,s1,\n",
}


def told(table: Table) -> list[dict[str, str]]:
    return [
        {heading: cell for heading, cell in zip(table.headings, row, strict=True) if cell}
        for chunk in table.chunks()
        for row in zip(*chunk.columns, strict=True)
    ]


LUZ = {"student_id": "50001234", "last_name": "Muñoz", "first_name": "Luz", "grade": "04"}
ROSA = {"guardian_first_name": "Rosa", "guardian_last_name": "Muñoz", "phone": "7735550123", "email": "rosa@x.org"}


def test_students_of_1_1_come_with_guardian_school_and_birth_date(tmp_path: Path) -> None:
    table = opened(tmp_path, zip_of(V11), "roster.zip")
    assert (table.kind, table.whole, table.encoding) == ("oneroster", True, "OneRoster 1.1")
    ana = {"student_id": "50001235", "last_name": "Ng", "first_name": "Ana", "grade": "KG", "school_id": "610000"}
    luz = LUZ | ROSA | {"birth_date": "2015-09-30", "school_id": "609999", "phone_2": "3125550100"}
    assert told(table) == [luz, ana]
    assert [number for chunk in table.chunks() for number in chunk.numbers] == [2, 3]


def test_a_person_with_a_row_for_each_school_is_told_once_at_the_primary_school(tmp_path: Path) -> None:
    table = opened(tmp_path, zip_of(V12))
    assert told(table) == [LUZ | ROSA | {"school_id": "610000"}]
    assert [number for chunk in table.chunks() for number in chunk.numbers] == [3]
    assert "birth_date" not in table.headings


def test_a_delta_is_part_of_the_roster_and_says_who_leaves(tmp_path: Path) -> None:
    users = USERS_12 + "u1,tobedeleted,2026-09-01,true,x,,Luz,Muñoz,,50001234,,,,,04,\n"
    users += "u3,active,2026-09-01,true,x,,Ana,Ng,,50001235,,,,,K,\nt1,active,2026-09-01,true,x,,Tom,Hall,,,,,,,,\n"
    table = opened(tmp_path, zip_of(V12 | {"manifest.csv": manifest("1.2", "delta"), "users.csv": users}))
    assert not table.whole
    ana = {"student_id": "50001235", "last_name": "Ng", "first_name": "Ana", "grade": "K"}
    assert told(table) == [LUZ | {"school_id": "609999", "leaving": "yes"}, ana]


def test_a_sourced_id_is_never_taken_for_the_districts_id(tmp_path: Path) -> None:
    users = USERS_11 + "50009999,,,true,s1,student,x,,Luz,Muñoz,,,,,,,04,\n"
    (student,) = told(opened(tmp_path, zip_of(V11 | {"users.csv": users})))
    assert "student_id" not in student


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"manifest.csv": manifest("1.1", users="delta")}, "mixes bulk and delta"),
        ({"manifest.csv": manifest("1.1", users="absent", orgs="absent")}, r"lacks orgs.csv and users.csv"),
        ({"manifest.csv": manifest("1.1", demographics="bulk"), "demographics.csv": None}, "lacks demographics.csv"),
        ({"manifest.csv": manifest("1.0")}, "We read 1.1 and 1.2"),
        ({"manifest.csv": None, "x/manifest.csv": manifest("1.1")}, "folder inside the ZIP"),
        ({"users.csv": None, "../users.csv": USERS_11}, "lacks users.csv"),
        (
            {"users.csv": V11["users.csv"].replace("KG,\n", "KG,secret\n")},
            "take the password column out|Take the password",
        ),
        ({"users.csv": USERS_11}, "no students"),
        ({"users.csv": V11["users.csv"].replace("KG,\n", "KG\n")}, "Row 3 of users.csv has 17 cells"),
        ({"orgs.csv": ORGS.replace("identifier", "number")}, "orgs.csv has no column identifier"),
        ({"orgs.csv": b""}, "orgs.csv: The file is empty"),
    ],
)
def test_a_package_that_breaks_the_rules_is_refused(tmp_path: Path, changes: dict[str, str | None], words: str) -> None:
    files = {name: text for name, text in (V11 | changes).items() if text is not None}
    with pytest.raises(FileRefused, match=words):
        told(opened(tmp_path, zip_of(files)))


def test_a_zip_inside_the_zip_is_not_opened(tmp_path: Path) -> None:
    assert len(told(opened(tmp_path, zip_of(V11 | {"more.zip": zip_of({"x": b"0" * 10_000_000})})))) == 2
