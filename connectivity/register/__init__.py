"""The nouns: tables and constraints only, one noun a file. Imported here together so that the metadata is whole."""

from connectivity.register.account import Account, Role
from connectivity.register.address_point import AddressPoint
from connectivity.register.appeal import Appeal, AppealState
from connectivity.register.audit import AuditEvent, Disclosure
from connectivity.register.bill import Bill, BillFinding, BillLine, BillState, Decision, ServiceSnapshot, SnapshotHome
from connectivity.register.code_batch import BatchSource, CodeBatch, CodeEvent
from connectivity.register.code_check import CodeCheck
from connectivity.register.community_area import CommunityArea, CommunityAreaAlias
from connectivity.register.connectivity_response import ConnectivityResponse
from connectivity.register.determination import Determination, Source
from connectivity.register.eligibility_policy import EligibilityPolicy, EligibilityWeight
from connectivity.register.eligibility_run import Change, EligibilityOutcome, EligibilityRun, RunState
from connectivity.register.enrollment import Enrollment, EnrollmentEvent
from connectivity.register.household import Household, HouseholdPhone, SearchTerm
from connectivity.register.household_merge import HouseholdMerge
from connectivity.register.household_question import HouseholdQuestion, QuestionKind, QuestionState
from connectivity.register.indicator import Indicator, IndicatorValue
from connectivity.register.letter_run import Letter, LetterRun, LetterState
from connectivity.register.membership_code import MembershipCode
from connectivity.register.organization import Organization, OrganizationArea
from connectivity.register.program_target import Counted, ProgramTarget, Unit
from connectivity.register.program_year import ProgramYear
from connectivity.register.provider import Plan, PlanVersion, Provider, ProviderName
from connectivity.register.provider_file import (
    FileState,
    ProviderAccount,
    ProviderFile,
    ProviderFileRow,
    ProviderProfile,
    ProviderWord,
    RowFate,
)
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
from connectivity.register.serviceability import (
    AnswerFate,
    AnswersState,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    ServiceabilityRequest,
    ServiceabilityRow,
)
from connectivity.register.street_axis import StreetAxis
from connectivity.register.student import Student
from connectivity.register.student_factors import StudentFactors
from connectivity.register.year_extension import YearExtension
from connectivity.register.zip_area import ZipArea

__all__ = [
    "Account",
    "AddressPoint",
    "AnswerFate",
    "AnswersState",
    "Appeal",
    "AppealState",
    "AuditEvent",
    "BatchSource",
    "Bill",
    "BillFinding",
    "BillLine",
    "BillState",
    "Change",
    "ChangeState",
    "CodeBatch",
    "CodeCheck",
    "CodeEvent",
    "CommunityArea",
    "CommunityAreaAlias",
    "ConnectivityResponse",
    "Counted",
    "Covers",
    "Decision",
    "Determination",
    "Disclosure",
    "EligibilityOutcome",
    "EligibilityPolicy",
    "EligibilityRun",
    "EligibilityWeight",
    "Enrollment",
    "EnrollmentEvent",
    "FileState",
    "Household",
    "HouseholdMerge",
    "HouseholdPhone",
    "HouseholdQuestion",
    "ImportState",
    "Indicator",
    "IndicatorValue",
    "Letter",
    "LetterRun",
    "LetterState",
    "MembershipCode",
    "Organization",
    "OrganizationArea",
    "Outcome",
    "Plan",
    "PlanVersion",
    "ProgramTarget",
    "ProgramYear",
    "Provider",
    "ProviderAccount",
    "ProviderFile",
    "ProviderFileRow",
    "ProviderName",
    "ProviderProfile",
    "ProviderWord",
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
    "RowFate",
    "RunState",
    "School",
    "SearchTerm",
    "ServiceAddress",
    "ServiceSnapshot",
    "ServiceabilityAnswer",
    "ServiceabilityBatch",
    "ServiceabilityFile",
    "ServiceabilityRequest",
    "ServiceabilityRow",
    "SnapshotHome",
    "Source",
    "StreetAxis",
    "Student",
    "StudentFactors",
    "Unit",
    "YearExtension",
    "ZipArea",
]
