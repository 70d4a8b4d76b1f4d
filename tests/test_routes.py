"""Every route with the roles that may open it, in one table: a route that is not listed fails, and every role tries every page."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from connectivity.access import gate
from connectivity.register import Role
from tests.conftest import PolicedClient

SignIn = Callable[..., PolicedClient]

ADMIN = {Role.ADMIN}
OFFICE = {Role.ADMIN, Role.STAFF}
CASEWORK = {Role.ADMIN, Role.STAFF, Role.PARTNER}
READING = CASEWORK | {Role.ELIGIBILITY}
COUNCIL = {Role.ADMIN, Role.STAFF, Role.COUNCIL}
SCHOOLS = {Role.ADMIN, Role.STAFF, Role.SCHOOL}
EVERYBODY = set(Role)
ANYONE = "anyone"
# Forms of a password, which the library answers itself: nothing typed there is given back.
LIBRARY_FORMS = {"security.change_password", "security.verify"}

MAY_OPEN: dict[str, set[Role] | str] = {
    # the libraries' own pages and files
    "static": ANYONE,
    "bootstrap.static": ANYONE,
    "security.static": ANYONE,
    "security.login": ANYONE,
    "security.logout": ANYONE,
    "security.change_password": EVERYBODY,
    "security.verify": EVERYBODY,
    # accounts
    "access.start": EVERYBODY,
    "access.accounts": ADMIN,
    "access.new_account": ADMIN,
    "access.account": ADMIN,
    "access.new_password": ADMIN,
    "access.sign_out_everywhere": ADMIN,
    "access.factors": {Role.ELIGIBILITY},
    # staff: households
    "households.find": READING,
    "households.search": READING,
    "households.show": READING,
    "households.new": OFFICE,
    "households.edit_contact": OFFICE,
    "households.add_student": OFFICE,
    "households.edit_student": OFFICE,
    "households.correct_address": OFFICE,
    "households.move": OFFICE,
    "households.place": OFFICE,
    "households.questions": OFFICE,
    "households.question": OFFICE,
    "households.decide_again": OFFICE,
    "households.merge_with": OFFICE,
    "households.merge_two": OFFICE,
    "households.undo": OFFICE,
    "households.split_off": OFFICE,
    "households.service_address": OFFICE,
    "households.end_service": OFFICE,
    "households.unplaced": CASEWORK,
    "households.record_response": CASEWORK,
    "service.bill": OFFICE,
    "service.bill_bucket": OFFICE,
    "service.bill_letter": OFFICE,
    "service.bill_progress": OFFICE,
    "service.bill_refused": OFFICE,
    "service.bills": OFFICE,
    "service.hand_in_bill": OFFICE,
    "service.put_bill_aside": OFFICE,
    "service.apply_provider_file": OFFICE,
    "service.discard_provider_file": OFFICE,
    "service.forget_columns": OFFICE,
    "service.new_plan": OFFICE,
    "service.new_provider": OFFICE,
    "service.plan_version": OFFICE,
    "service.provider_file": OFFICE,
    "service.provider_file_columns": OFFICE,
    "service.provider_file_progress": OFFICE,
    "service.provider_file_rows": OFFICE,
    "service.provider_file_rows_csv": OFFICE,
    "service.provider_files": OFFICE,
    "service.provider_name": OFFICE,
    "service.provider_problems": OFFICE,
    "service.providers": OFFICE,
    "service.take_provider_file": OFFICE,
    "service.work_file": OFFICE,
    "service.add_codes": OFFICE,
    "service.check_codes": OFFICE,
    "service.choose_letters": CASEWORK,
    "service.code_books": OFFICE,
    "service.family_lookup": ANYONE,
    "service.forget_letters": CASEWORK,
    "service.give_codes": OFFICE,
    "service.hold_codes": OFFICE,
    "service.issue_codes": OFFICE,
    "service.issue_held_codes": OFFICE,
    "service.letter_file": CASEWORK,
    "service.letter_progress": CASEWORK,
    "service.letter_run": CASEWORK,
    "service.letter_sample": CASEWORK,
    "service.letters": CASEWORK,
    "service.make_codes": OFFICE,
    "service.make_letters": CASEWORK,
    "service.release_codes": OFFICE,
    "service.replace_code": CASEWORK,
    "service.why_code": READING,
    "service.eligibility": OFFICE | {Role.ELIGIBILITY},
    "service.eligibility_policy": OFFICE | {Role.ELIGIBILITY},
    "service.add_policy": {Role.ADMIN, Role.ELIGIBILITY},
    "service.edit_policy": {Role.ADMIN, Role.ELIGIBILITY},
    "service.eligibility_what_if": OFFICE | {Role.ELIGIBILITY},
    "service.start_run": {Role.ADMIN, Role.ELIGIBILITY},
    "service.eligibility_run": OFFICE | {Role.ELIGIBILITY},
    "service.run_progress": OFFICE | {Role.ELIGIBILITY},
    "service.apply_run": {Role.ADMIN, Role.ELIGIBILITY},
    "service.put_run_aside": {Role.ADMIN, Role.ELIGIBILITY},
    "service.run_ended": OFFICE | {Role.ELIGIBILITY},
    "service.run_group": OFFICE | {Role.ELIGIBILITY},
    "service.run_file": OFFICE | {Role.ELIGIBILITY},
    "service.household_eligibility": READING,
    "service.override_eligibility": {Role.ELIGIBILITY},
    "service.open_appeal": OFFICE | {Role.ELIGIBILITY},
    "service.decide_appeal": {Role.ELIGIBILITY},
    "service.start_enrollment": OFFICE,
    "service.take_step": CASEWORK,
    "service.end_one_of_two": CASEWORK,
    "service.household_leaves": CASEWORK,
    "service.household_stays": CASEWORK,
    "service.overview": READING,
    "service.stalled_list": CASEWORK,
    "service.stalled_csv": OFFICE,
    "service.funnel": CASEWORK,
    "service.graduates_run": OFFICE,
    "service.program_years": OFFICE,
    "service.serviceability": OFFICE,
    "service.ask_serviceability": OFFICE,
    "service.serviceability_batch": OFFICE,
    "service.serviceability_batch_csv": OFFICE,
    "service.take_serviceability": OFFICE,
    "service.serviceability_file": OFFICE,
    "service.serviceability_progress": OFFICE,
    "service.serviceability_columns": OFFICE,
    "service.serviceability_rows_csv": OFFICE,
    "service.serviceability_corrections": OFFICE,
    "service.decide_serviceability": OFFICE,
    "service.reopen_serviceability": OFFICE,
    "service.withdraw_serviceability": OFFICE,
    "service.no_wire_homes": CASEWORK,
    "service.what_serves": READING,
    "service.program_year": OFFICE,
    "service.add_year": ADMIN,
    "service.edit_year": ADMIN,
    "service.extend_year": ADMIN,
    "service.take_back_extension": ADMIN,
    "service.add_target": ADMIN,
    "service.edit_target": ADMIN,
    "service.remove_target": ADMIN,
    # staff: rosters
    "rosters.index": OFFICE,
    "rosters.upload": OFFICE,
    "rosters.accepted": OFFICE,
    "rosters.template": OFFICE,
    "rosters.show": OFFICE,
    "rosters.progress": OFFICE,
    "rosters.columns": OFFICE,
    "rosters.apply_plan": OFFICE,
    "rosters.approve": OFFICE,
    "rosters.check_again": OFFICE,
    "rosters.discard": OFFICE,
    "rosters.undo": OFFICE,
    "rosters.rows": OFFICE,
    "rosters.download": OFFICE,
    "rosters.decide": OFFICE,
    "rosters.repair": OFFICE,
    "rosters.leave_out": OFFICE,
    "rosters.fixed": OFFICE,
    "rosters.use_earlier": OFFICE,
    "rosters.sources": OFFICE,
    "rosters.source": OFFICE,
    "rosters.forget_source": OFFICE,
    # council: maps and areas
    "equity.need_map": ANYONE,
    "equity.need_area": ANYONE,
    "equity.need_csv": ANYONE,
    "equity.leaflet": ANYONE,
    "equity.program_map": COUNCIL,
    "equity.area": COUNCIL,
    "equity.table_csv": COUNCIL,
    "equity.compute": OFFICE,
    # schools: students and their file
    "school_exports.students": SCHOOLS,
    "school_exports.students_csv": SCHOOLS,
    "school_exports.downloads": SCHOOLS,
}


def plain_pages(app: Flask) -> list[Rule]:
    """Rules that answer GET and need nothing in their address."""
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]


def posting_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]


def address(app: Flask, rule: Rule) -> str:
    """The rule's address, with a number or word that belongs to nobody where it needs one."""
    given = {name: 1 if "int" in type(rule._converters[name]).__name__.lower() else "NOBODY" for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, given, method="POST")


def test_the_table_lists_every_route_and_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(MAY_OPEN)


def test_each_route_is_open_to_the_roles_of_the_table(app: Flask) -> None:
    said = {rule.endpoint: gate.access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert said == MAY_OPEN


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_its_pages_and_is_refused_all_others(app: Flask, signed_in: SignIn, role: Role) -> None:
    client = signed_in(role)
    found = {rule.endpoint: client.get(rule.rule).status_code for rule in plain_pages(app)}
    refused = {endpoint for endpoint, status in found.items() if status == 403}
    assert refused == {
        endpoint for endpoint in found if MAY_OPEN[endpoint] != ANYONE and role not in MAY_OPEN[endpoint]
    }
    assert {endpoint: status for endpoint, status in found.items() if status not in (200, 302, 403)} == {}


def test_a_visitor_is_sent_to_sign_in_by_every_page_that_is_not_public(app: Flask, visitor: PolicedClient) -> None:
    for rule in plain_pages(app):
        answer = visitor.get(rule.rule)
        if MAY_OPEN[rule.endpoint] == ANYONE:
            assert answer.status_code == 200, rule.endpoint
        else:
            assert answer.status_code == 302, rule.endpoint
            assert answer.headers["Location"].startswith("/sign-in"), rule.endpoint


@pytest.mark.parametrize("role", Role)
def test_a_role_is_refused_every_form_that_is_not_its_own(app: Flask, signed_in: SignIn, role: Role) -> None:
    client = signed_in(role)
    token = client.token("/password")
    for rule in posting_rules(app):
        may = MAY_OPEN[rule.endpoint]
        if may != ANYONE and role not in may:
            answer = client.post(address(app, rule), data={"csrf_token": token})
            assert answer.status_code == 403, rule.endpoint


def test_a_visitor_posts_nothing_but_the_sign_in_form(app: Flask, visitor: PolicedClient) -> None:
    token = visitor.token("/sign-in")
    for rule in posting_rules(app):
        if MAY_OPEN[rule.endpoint] != ANYONE:
            answer = visitor.post(address(app, rule), data={"csrf_token": token})
            if rule.endpoint in LIBRARY_FORMS:
                assert answer.status_code == 302, rule.endpoint
                assert answer.headers["Location"].startswith("/sign-in"), rule.endpoint
            else:
                assert answer.status_code == 401, rule.endpoint
                assert "You were signed out" in answer.text, rule.endpoint
                assert "Location" not in answer.headers, rule.endpoint


def test_no_form_is_taken_without_its_token(app: Flask, signed_in: SignIn) -> None:
    client = signed_in(Role.ADMIN)
    client.get("/password")
    for rule in posting_rules(app):
        assert client.post(address(app, rule)).status_code == 400, rule.endpoint
