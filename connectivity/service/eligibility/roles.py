"""Who may do what about eligibility. Whatever names a sensitive factor of a family is the eligibility role's alone."""

from connectivity.register import Role

VIEWERS = frozenset(
    {Role.ADMIN, Role.STAFF, Role.ELIGIBILITY}
)  # policies, runs, what-if; an appeal is taken down by any of them
MAKERS = frozenset({Role.ADMIN, Role.ELIGIBILITY})  # change a policy, start, apply and put aside a run
DECIDERS = frozenset({Role.ELIGIBILITY})  # overrides and appeals: their reasons tell about families
