"""The nouns: tables and constraints only, one noun a file. Imported here together so that the metadata is whole."""

from connectivity.register.account import Account, Role
from connectivity.register.address_point import AddressPoint
from connectivity.register.audit import AuditEvent, Disclosure
from connectivity.register.community_area import CommunityArea, CommunityAreaAlias
from connectivity.register.connectivity_response import ConnectivityResponse
from connectivity.register.enrollment import Enrollment, EnrollmentEvent
from connectivity.register.household import Household, HouseholdPhone, SearchTerm
from connectivity.register.household_merge import HouseholdMerge
from connectivity.register.household_question import HouseholdQuestion, QuestionKind, QuestionState
from connectivity.register.indicator import Indicator, IndicatorValue
from connectivity.register.membership_code import MembershipCode
from connectivity.register.organization import Organization, OrganizationArea
from connectivity.register.program_year import ProgramYear
from connectivity.register.provider import Plan, Provider
from connectivity.register.reference_file import ReferenceFile
from connectivity.register.release import Release, ReleaseCount
from connectivity.register.residence import Residence
from connectivity.register.roster_import import Covers, ImportState, RosterImport, RosterProfile
from connectivity.register.roster_row import (
    ChangeState,
    Outcome,
    RosterChange,
    RosterDoubt,
    RosterHome,
    RosterProblem,
    RosterRow,
)
from connectivity.register.school import School
from connectivity.register.service_address import ServiceAddress
from connectivity.register.street_axis import StreetAxis
from connectivity.register.student import Student
from connectivity.register.student_factors import StudentFactors
from connectivity.register.zip_area import ZipArea

__all__ = [
    "Account",
    "AddressPoint",
    "AuditEvent",
    "ChangeState",
    "CommunityArea",
    "CommunityAreaAlias",
    "ConnectivityResponse",
    "Covers",
    "Disclosure",
    "Enrollment",
    "EnrollmentEvent",
    "Household",
    "HouseholdMerge",
    "HouseholdPhone",
    "HouseholdQuestion",
    "ImportState",
    "Indicator",
    "IndicatorValue",
    "MembershipCode",
    "Organization",
    "OrganizationArea",
    "Outcome",
    "Plan",
    "ProgramYear",
    "Provider",
    "QuestionKind",
    "QuestionState",
    "ReferenceFile",
    "Release",
    "ReleaseCount",
    "Residence",
    "Role",
    "RosterChange",
    "RosterDoubt",
    "RosterHome",
    "RosterImport",
    "RosterProblem",
    "RosterProfile",
    "RosterRow",
    "School",
    "SearchTerm",
    "ServiceAddress",
    "StreetAxis",
    "Student",
    "StudentFactors",
    "ZipArea",
]
