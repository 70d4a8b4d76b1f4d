"""The council's pages and files: one set of numbers everywhere, withheld means nowhere, and each role its own."""

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from connectivity.access.request_session import db
from connectivity.equity import area_file, catalog, routes
from connectivity.register import Indicator, IndicatorValue, Release, ReleaseCount, Role
from connectivity.settings import ROOT
from tests import factories
from tests.conftest import PolicedClient
from tests.equity import programs

UPTOWN, BURNSIDE, FULLER_PARK = 3, 47, 37
SignedIn = Callable[..., PolicedClient]


def table(html: str) -> dict[int, list[str]]:
    """Area number -> the texts of its row, as a person reads them."""
    rows = re.findall(r'<tr data-area="(\d+)"[^>]*>(.*?)</tr>', html, re.DOTALL)
    return {
        int(number): [
            unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for number, row in rows
    }


def file_rows(text: str) -> dict[int, dict[str, str]]:
    return {int(row["community_area"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}


@pytest.fixture
def release(session: Session) -> Release:
    """24 eligible and 12 active everywhere; Burnside too small, Fuller Park withheld with it, Uptown with numbers of its own."""
    programs.everywhere(
        session, eligible=24, active=12, but={BURNSIDE: (7, 6), FULLER_PARK: (23, 11), UPTOWN: (46, 33)}
    )
    return programs.released(session)


@pytest.mark.parametrize("measure", catalog.PROGRAM, ids=lambda measure: measure.key)
def test_page_file_and_release_hold_the_same_numbers(measure: Any, release: Release, signed_in: SignedIn) -> None:
    council = signed_in(Role.COUNCIL)
    page = table(council.get(f"/equity?measure={measure.key}").text)
    file = file_rows(council.get(f"/equity/areas.csv?measure={measure.key}").text)
    for row in release.counts:
        shown, written = page[row.community_area][1:], file[row.community_area]
        if row.eligible is None or row.active is None:
            assert shown == ["withheld"]
            assert (written["withheld"], written["value"], written["numerator"], written["class"]) == ("s", "", "", "")
            continue
        value = {
            "take_up": row.active / row.eligible,
            "active": row.active,
            "eligible": row.eligible,
            "gap": row.eligible - row.active,
        }[measure.key]
        assert shown[0] == (f"{value:.1%}" if measure.key == "take_up" else str(value))
        assert float(written["value"]) == pytest.approx(value, abs=0.00005)
        assert written["release_sha256"] == release.sha256
        if measure.key == "take_up":
            assert shown[1:] == [str(row.active), str(row.eligible)] == [written["numerator"], written["denominator"]]


@pytest.mark.parametrize("measure", catalog.NEED, ids=lambda measure: measure.key)
def test_public_page_and_public_file_agree_with_the_published_figures(
    measure: Any, visitor: PolicedClient, session: Session
) -> None:
    page = table(visitor.get(f"/?measure={measure.key}").text)
    file = file_rows(visitor.get(f"/areas.csv?measure={measure.key}").text)
    published = session.scalars(
        select(IndicatorValue)
        .join(Indicator)
        .where(Indicator.key == measure.indicator, Indicator.vintage == measure.vintage)
    ).all()
    assert len(published) == len(page) == len(file) == 77
    for one in published:
        shown, written = page[one.community_area], file[one.community_area]
        if one.denominator:
            assert shown[1] == measure.written(one.value)
            assert [text.replace(",", "") for text in shown[2:]] == [str(one.numerator), str(one.denominator)]
            assert [written["numerator"], written["denominator"]] == [str(one.numerator), str(one.denominator)]
        else:
            assert one.value is not None
            assert shown[1] == f"{one.value:.1f}" == written["value"]


def test_fuller_parks_share_is_the_published_one_and_its_counts_are_whole_households(visitor: PolicedClient) -> None:
    # 1,144.8 households, 858.2 with broadband: 286.6 / 1144.8 is 25.03%. Of the rounded 287 and 1,145 it would be 25.07%.
    assert table(visitor.get("/").text)[FULLER_PARK] == ["Fuller Park", "25.0%", "287", "1,145"]
    row = file_rows(visitor.get("/areas.csv").text)[FULLER_PARK]
    assert (row["value"], row["numerator"], row["denominator"]) == ("0.2503", "287", "1145")


@pytest.mark.parametrize("vintage", ["2016_2020", "2018_2022"])
@pytest.mark.parametrize("key", ["no_internet", "no_broadband", "no_computer", "smartphone_only"])
def test_every_share_reads_as_in_the_committed_source(key: str, vintage: str, visitor: PolicedClient) -> None:
    source = ROOT / "data" / "sources" / f"cds_internet_demographics_acs{vintage}.csv"
    with source.open(encoding="utf-8", newline="") as lines:
        published = {int(row["community_area"]): row[f"pct_hh_{key}"] + "%" for row in csv.DictReader(lines)}
    measure = key if vintage == "2018_2022" else f"{key}_{vintage}"
    page = table(visitor.get(f"/?measure={measure}").text)
    assert {number: cells[1] for number, cells in page.items()} == published


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        ("no_broadband", "no-broadband-2018-2022.csv"),
        ("no_broadband_2016_2020", "no-broadband-2016-2020.csv"),
        ("hardship_2008_2012", "hardship-2008-2012.csv"),
    ],
)
def test_a_files_name_says_its_years_once(measure: str, name: str, visitor: PolicedClient) -> None:
    answer = visitor.get(f"/areas.csv?measure={measure}")
    assert f'filename="{name}"' in answer.headers["Content-Disposition"]


def test_one_wrong_figure_in_the_register_closes_no_page(session: Session, visitor: PolicedClient) -> None:
    wrong = session.scalars(
        select(IndicatorValue)
        .join(Indicator)
        .where(Indicator.key == "hardship", Indicator.vintage == "2013-2017", IndicatorValue.community_area == UPTOWN)
    ).one()
    wrong.value = 150
    session.commit()
    for path in ("/?measure=hardship", f"/areas/{UPTOWN}", "/areas.csv?measure=hardship"):
        assert visitor.get(path).status_code == 200, path


def test_the_counts_of_a_withheld_area_stand_in_no_page_and_no_file(session: Session, signed_in: SignedIn) -> None:
    # Two counts that occur nowhere else: 4,321 eligible and 4,319 active leave a gap of two.
    programs.everywhere(session, eligible=24, active=12, but={BURNSIDE: (4321, 4319)})
    programs.released(session)
    council = signed_in(Role.COUNCIL)
    places = [f"/equity?measure={one.key}" for one in catalog.PROGRAM]
    places += [f"/equity/areas.csv?measure={one.key}" for one in catalog.PROGRAM]
    places += [f"/equity/areas/{number}" for number in (1, BURNSIDE)]
    for place in places:
        text = council.get(place).text
        for secret in (r"4,?321", r"4,?319", "100\\.0%", "0\\.9995"):
            # Not inside a longer number: coordinates and the hash are full of digits.
            assert not re.search(rf"(?<![\w.]){secret}(?!\w)", text), f"{secret} in {place}"


def test_the_council_reads_releases_and_public_figures_and_nothing_else(
    release: Release, signed_in: SignedIn, app: Flask
) -> None:
    council = signed_in(Role.COUNCIL)
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for place in ("/equity", "/equity?measure=no_internet", "/equity/areas/3", "/equity/areas.csv"):
        assert council.get(place).status_code == 200
    tables = set(re.findall(r"(?:FROM|JOIN) \"?(\w+)", " ".join(asked)))
    assert "release_count" in tables
    assert not tables & {"household", "enrollment", "enrollment_event", "residence", "student", "membership_code"}


def test_the_next_computation_counts_a_household_enrolled_in_uptown(
    session: Session, release: Release, signed_in: SignedIn
) -> None:
    staff = signed_in(Role.STAFF)
    before = table(staff.get("/equity?measure=active").text)[UPTOWN][1]
    home = factories.household(session, area=UPTOWN)
    factories.enrollment(session, home, "active")
    session.commit()
    assert table(staff.get("/equity?measure=active").text)[UPTOWN][1] == before
    answer = staff.send("/equity/compute", {"measure": "active"}, page="/equity", follow_redirects=True)
    assert table(answer.text)[UPTOWN][1] == str(int(before) + 1)
    assert "Counted." in answer.text


def test_only_staff_and_administrators_may_compute(session: Session, release: Release, signed_in: SignedIn) -> None:
    for role in (Role.COUNCIL, Role.SCHOOL, Role.PARTNER):
        client = signed_in(role)
        refused = client.post("/equity/compute", data={"csrf_token": client.token("/")})
        assert refused.status_code == 403, role
    assert len(session.scalars(select(Release)).all()) == 1
    assert "Compute again now" not in signed_in(Role.COUNCIL).get("/equity").text
    assert "Compute again now" in signed_in(Role.ADMIN).get("/equity").text


@pytest.mark.parametrize("path", ["/equity", "/equity/areas/3", "/equity/areas.csv"])
def test_the_programs_figures_are_for_council_staff_and_administrators(
    path: str, release: Release, visitor: PolicedClient, signed_in: SignedIn
) -> None:
    assert visitor.get(path).status_code == 302
    opened = {role: signed_in(role).get(path).status_code for role in Role}
    assert opened == {
        Role.ADMIN: 200,
        Role.STAFF: 200,
        Role.COUNCIL: 200,
        Role.ELIGIBILITY: 403,
        Role.PARTNER: 403,
        Role.SCHOOL: 403,
    }


def test_before_the_first_computation_the_map_says_what_to_do_next(signed_in: SignedIn) -> None:
    for role, words in ((Role.COUNCIL, "Ask program staff to compute"), (Role.STAFF, "Compute now")):
        page = signed_in(role).get("/equity")
        assert page.status_code == 200
        assert words in page.text
        assert 'href="/equity?measure=no_broadband"' in page.text
    assert "have not been counted" in signed_in(Role.COUNCIL).get("/equity/areas/3").text


def test_computing_without_a_program_year_says_what_is_missing(signed_in: SignedIn, session: Session) -> None:
    answer = signed_in(Role.STAFF).send("/equity/compute", page="/equity", follow_redirects=True)
    assert "Add the program year first" in answer.text
    assert session.scalars(select(Release)).all() == []


def test_with_nobody_enrolled_the_map_is_withheld_in_words(session: Session, signed_in: SignedIn) -> None:
    factories.program_year(session)
    programs.released(session)
    page = signed_in(Role.COUNCIL).get("/equity").text
    assert {tuple(row[1:]) for row in table(page).values()} == {("withheld",)}
    assert "Whole city: withheld" in page


@pytest.mark.parametrize("asked", ["nope", "<script>alert(1)</script>", "no_internet'--", "TAKE_UP", " "])
def test_an_unknown_measure_is_said_and_the_known_ones_are_offered(asked: str, visitor: PolicedClient) -> None:
    for path in ("/", "/areas.csv"):
        page = visitor.get(path, query_string={"measure": asked})
        assert page.status_code == 404
        assert "There is no measure called" in page.text
        assert "<script>alert" not in page.text
        assert all(f'href="/?measure={one.key}"' in page.text for one in catalog.NEED)


def test_a_program_measure_is_not_public_and_the_visitor_is_told_to_sign_in(visitor: PolicedClient) -> None:
    page = visitor.get("/?measure=take_up")
    assert page.status_code == 404
    assert "Sign in as a council member" in page.text


def test_an_area_page_holds_every_measure_and_an_unknown_number_is_not_found(
    release: Release, visitor: PolicedClient, signed_in: SignedIn
) -> None:
    council = signed_in(Role.COUNCIL)
    page = council.get(f"/equity/areas/{UPTOWN}").text
    assert [one.key for one in catalog.ALL if f'href="/equity?measure={one.key}"' not in page] == []
    assert "71.7%" in page  # 33 of 46
    assert "Withheld: a count of households is under 10" in council.get(f"/equity/areas/{BURNSIDE}").text
    public = visitor.get(f"/areas/{UPTOWN}").text
    assert [one.key for one in catalog.PROGRAM if f"measure={one.key}" in public] == []
    for number in (0, 78, 999999):
        assert visitor.get(f"/areas/{number}").status_code == 404
        assert council.get(f"/equity/areas/{number}").status_code == 404


def test_the_first_page_needs_no_sign_in_and_shows_the_way_in(visitor: PolicedClient) -> None:
    page = visitor.get("/").text
    assert 'href="/sign-in"' in page
    assert catalog.FIRST_NEED.question in page
    for printed in (catalog.FIRST_NEED.definition[:60], catalog.FIRST_NEED.vintage, "Source:", "percent of households"):
        assert printed in unescape(page)


def test_the_legend_counts_every_area_once(release: Release, signed_in: SignedIn) -> None:
    for measure in catalog.ALL:
        page = signed_in(Role.COUNCIL).get(f"/equity?measure={measure.key}").text
        assert sum(int(n) for n in re.findall(r'class="areas">(\d+) area', page)) == 77, measure.key


def test_what_is_read_aloud_says_value_class_and_rank(release: Release, signed_in: SignedIn) -> None:
    page = unescape(signed_in(Role.COUNCIL).get("/equity").text)
    assert 'data-reading="Uptown: 71.7%, class 5 of 5, higher than 74 of the 75 areas shown"' in page
    assert 'data-reading="Burnside: withheld, to protect small groups of families"' in page


def test_rows_sort_by_heading_with_withheld_ones_last(release: Release, signed_in: SignedIn) -> None:
    council = signed_in(Role.COUNCIL)
    up, down, names = (
        [row[0] for row in table(council.get(f"/equity?{order}").text).values()]
        for order in ("sort=value&order=asc", "sort=value&order=desc", "sort=area")
    )
    assert down[0] == up[74] == "Uptown"
    assert set(up[75:]) == set(down[75:]) == {"Burnside", "Fuller Park"}
    assert names == sorted(names)
    assert council.get("/equity?sort=drop&order=table").status_code == 200


def test_the_file_is_rfc_4180_with_a_row_for_each_area(release: Release, signed_in: SignedIn) -> None:
    answer = signed_in(Role.COUNCIL).get("/equity/areas.csv?measure=gap")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = answer.text.split("\r\n")
    assert lines[0] == ",".join(area_file.COLUMNS)
    assert len(lines) == 1 + 77 + 1
    assert "\n" not in answer.text.replace("\r\n", "")


def test_leaflet_comes_from_here_and_nothing_else_of_its_folder(visitor: PolicedClient) -> None:
    for name, kind in (("leaflet.js", "text/javascript"), ("leaflet.css", "text/css")):
        answer = visitor.get(f"/assets/leaflet/{name}", headers={"Accept-Encoding": "br"})
        assert answer.mimetype == kind
        assert answer.headers["Content-Encoding"] == "br"
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        answer.close()
    for name in ("leaflet-src.js", "../package.json", "images/layers.png"):
        assert visitor.get(f"/assets/leaflet/{name}").status_code == 404


def test_a_map_is_drawn_once_for_a_release_and_again_for_the_next(
    session: Session, release: Release, signed_in: SignedIn
) -> None:
    council, staff = signed_in(Role.COUNCIL), signed_in(Role.STAFF)
    routes._drawn.cache_clear()
    first = table(council.get("/equity").text)
    assert table(staff.get("/equity").text) == first
    assert routes._drawn.cache_info().misses == 1
    programs.enroll(session, UPTOWN, eligible=54, active=1)
    programs.released(session)
    assert table(council.get("/equity").text)[UPTOWN] == ["Uptown", "34.0%", "34", "100"]
    assert routes._drawn.cache_info().misses == 2


def test_what_is_kept_between_people_holds_nothing_of_a_person(release: Release, signed_in: SignedIn) -> None:
    routes._drawn.cache_clear()
    page = signed_in(Role.ADMIN).get("/equity").text
    other = signed_in(Role.COUNCIL).get("/equity").text
    assert routes._drawn.cache_info().hits == 1
    token, nonce = (re.search(pattern, page) for pattern in (r'csrf_token" value="([^"]+)"', r'nonce="([^"]+)"'))
    assert token
    assert nonce
    assert token[1] not in other
    assert nonce[1] not in other
    assert "Compute again now" not in other


def test_no_release_row_is_left_without_its_release(session: Session, release: Release) -> None:
    assert set(session.scalars(select(ReleaseCount.release_id))) == {release.id}
