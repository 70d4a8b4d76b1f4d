"""What a file held that somebody took away, in a few words: files of every room stand in one list."""

from collections.abc import Mapping

from flask_babel import gettext as _

from connectivity.register import Disclosure
from connectivity.rules.service_states import N_

# By the kind that each room writes into the log of disclosures; the names in it are those of the entry's scope.
WHAT: Mapping[str, str] = {
    "bill_letter_csv": N_("Disputed lines of bill %(bill)s, for the provider"),
    "bill_refused_csv": N_("Lines of bill %(bill)s that could not be read"),
    "eligibility_group_csv": N_("Households of eligibility run %(run)s"),
    "letters_pdf": N_("Letters with codes, run %(letter_run)s"),
    "provider_rows_file": N_("Rows of provider’s file %(provider_file)s"),
    "provider_work_file": N_("Work file for a provider, %(program_year)s"),
    "roster_group_csv": N_("Rows of roster %(roster)s"),
    "serviceability_request_file": N_("Addresses for a provider, without names"),
    "serviceability_rows_file": N_("Rows of a provider’s answers, file %(serviceability_file)s"),
    "stalled_csv": N_("Stalled households"),
}


def what_was_taken(one: Disclosure) -> str:
    """`Rows of roster 3`; of a file of students its schools."""
    if one.kind in WHAT:
        return str(_(WHAT[one.kind], **one.scope))
    return ", ".join(one.scope["schools"]) or str(_("Students of all schools"))
