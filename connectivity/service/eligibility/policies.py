"""Policies and their versions: made, changed while no applied run has used them, and followed by the next version after that."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.database import now
from connectivity.register import (
    Account,
    EligibilityOutcome,
    EligibilityPolicy,
    EligibilityRun,
    EligibilityWeight,
    ProgramYear,
    RunState,
)
from connectivity.register.indicator import Indicator, IndicatorValue
from connectivity.rules.eligibility import Factor, Mode, Policy, PolicyRefused, TypedPolicy, read_policy

HARDSHIP = "hardship"
LONGEST_NAME, LONGEST_NOTE = 80, 500
POLICY_CHANGED = "The policy was changed after this preview, so it was put aside. Start the run again."


@dataclass(frozen=True, kw_only=True)
class TypedVersion:
    """A version as somebody typed it."""

    name: str
    policy: TypedPolicy
    vintage: str = ""  # of the hardship index
    note: str = ""


def add(session: Session, *, account: Account, typed: TypedVersion, holds_factors: bool) -> EligibilityPolicy:
    """The first version of a new policy. Raises PolicyRefused."""
    policy = _read(session, typed, holds_factors=holds_factors, named=True)
    made = EligibilityPolicy(name=typed.name.strip(), version=1, created_by=account.id)
    _write(made, policy, typed)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as taken:
        raise PolicyRefused({"name": _taken(typed.name)}) from taken
    _trace(session, account, "eligibility_policy.added", made)
    return made


def revise(
    session: Session,
    *,
    account: Account,
    policy: EligibilityPolicy,
    stood: str,
    typed: TypedVersion,
    holds_factors: bool,
) -> EligibilityPolicy:
    """Changes the newest version, or makes the next one if an applied run has used it. `stood`: `stands_at` when the form was opened.

    Raises PolicyRefused, also when somebody else changed the policy meanwhile.
    """
    held = held_newest(session, policy.name)
    if held.id != policy.id or stands_at(held) != stood:
        raise PolicyRefused(
            {"stood": f"Somebody else changed this policy: it is at version {held.version} now. Look at it first."}
        )
    rules = _read(session, typed, holds_factors=holds_factors, named=False)
    if is_used(session, held):
        held = EligibilityPolicy(name=policy.name, version=policy.version + 1, created_by=account.id)
        session.add(held)
    else:
        _put_previews_aside(session, held)
        held.weights.clear()
        session.flush()
    _write(held, rules, typed)
    session.flush()
    _trace(session, account, "eligibility_policy.changed", held)
    return held


def held_newest(session: Session, name: str) -> EligibilityPolicy:
    """The newest version of a policy, held until the transaction ends."""
    # The first version is held by everybody who changes the policy or applies it: a newer one may come meanwhile.
    first = select(EligibilityPolicy.id).where(EligibilityPolicy.name == name, EligibilityPolicy.version == 1)
    session.execute(first.with_for_update(key_share=True))
    newest = select(EligibilityPolicy).where(EligibilityPolicy.name == name).order_by(EligibilityPolicy.version.desc())
    return session.scalars(newest.limit(1).execution_options(populate_existing=True)).one()


def is_used(session: Session, policy: EligibilityPolicy) -> bool:
    """Whether an applied run has used this version, or one is applying it."""
    return bool(used(session, [policy]))


def used(session: Session, versions: Sequence[EligibilityPolicy]) -> set[int]:
    """Those of the versions (ids) that an applied run has used: they are never changed."""
    of = select(EligibilityRun.policy_id).where(
        EligibilityRun.policy_id.in_([one.id for one in versions]),
        EligibilityRun.state.in_((RunState.APPLYING, RunState.APPLIED)),
    )
    return set(session.scalars(of.distinct()))


def in_force(session: Session) -> dict[int, list[str]]:
    """Policy version (id) -> the program years whose newest applied run used it."""
    last = (
        select(func.max(EligibilityRun.id))
        .where(EligibilityRun.state == RunState.APPLIED)
        .group_by(EligibilityRun.program_year_id)
    )
    rows = session.execute(
        select(ProgramYear.label, EligibilityRun.policy_id)
        .join(EligibilityRun, EligibilityRun.program_year_id == ProgramYear.id)
        .where(EligibilityRun.id.in_(last))
        .order_by(ProgramYear.starts_on)
    )
    found: dict[int, list[str]] = {}
    for label, policy_id in rows:
        found.setdefault(policy_id, []).append(label)
    return found


def newest(session: Session) -> Sequence[EligibilityPolicy]:
    """Each policy at its newest version, by name."""
    last = select(EligibilityPolicy.name, func.max(EligibilityPolicy.version)).group_by(EligibilityPolicy.name)
    versions = dict(session.execute(last).all())
    every = session.scalars(select(EligibilityPolicy).order_by(EligibilityPolicy.name, EligibilityPolicy.version))
    return [one for one in every if versions[one.name] == one.version]


def versions_of(session: Session, policy: EligibilityPolicy) -> Sequence[EligibilityPolicy]:
    """Every version of a policy, the newest first."""
    same = select(EligibilityPolicy).where(EligibilityPolicy.name == policy.name)
    return session.scalars(same.order_by(EligibilityPolicy.version.desc())).all()


def rules_of(policy: EligibilityPolicy) -> Policy:
    """A stored version as the rules apply it."""
    by_name = {Factor(one.factor): one for one in policy.weights}
    ordered = [(one, by_name[one]) for one in Factor if one in by_name]
    return Policy(
        mode=Mode(policy.mode),
        weights={factor: one.weight for factor, one in ordered if one.weight},
        alone=frozenset(factor for factor, one in ordered if one.alone),
        alone_from=policy.alone_from,
        threshold=policy.threshold,
    )


def stands_at(policy: EligibilityPolicy) -> str:
    """Names a version as it stands now: another one after each change."""
    return f"{policy.id} {policy.created_at.isoformat()}"


def vintages(session: Session) -> list[str]:
    """The years of the published hardship indexes, the newest first."""
    found = select(Indicator.vintage).where(Indicator.key == HARDSHIP).order_by(Indicator.vintage.desc())
    return list(session.scalars(found))


def hardship(session: Session, vintage: str | None) -> dict[int, int]:
    """Area number -> its hardship index of that vintage, in tenths."""
    rows = session.execute(
        select(IndicatorValue.community_area, IndicatorValue.value)
        .join(Indicator)
        .where(Indicator.key == HARDSHIP, Indicator.vintage == vintage, IndicatorValue.value.is_not(None))
    )
    return {area: round(value * 10) for area, value in rows if value is not None}


def read(session: Session, typed: TypedPolicy, *, vintage: str, holds_factors: bool) -> Policy:
    """The rules somebody typed. Raises PolicyRefused with every problem at once."""
    highest = max(hardship(session, vintage).values(), default=0)
    return read_policy(typed, holds_factors=holds_factors, highest_index=highest)


def _read(session: Session, typed: TypedVersion, *, holds_factors: bool, named: bool) -> Policy:
    problems = _name_problems(session, typed.name) if named else {}
    if len(typed.note) > LONGEST_NOTE:
        problems["note"] = f"Enter at most {LONGEST_NOTE} letters."
    policy = Policy()
    try:
        policy = read(session, typed.policy, vintage=typed.vintage, holds_factors=holds_factors)
    except PolicyRefused as refused:
        problems |= refused.problems
    if problems:
        raise PolicyRefused(problems)
    return policy


def _name_problems(session: Session, name: str) -> dict[str, str]:
    name = name.strip()
    if not name:
        return {"name": "Enter a name for the policy."}
    if len(name) > LONGEST_NAME:
        return {"name": f"Enter at most {LONGEST_NAME} letters."}
    if not name.isprintable():
        return {"name": "This name holds signs that nobody can see. Type it anew, in letters and digits."}
    # Held, so that of two who add names at once the second sees the first; few rows. SQLite's lower() knows English letters alone.
    names = select(EligibilityPolicy.name).where(EligibilityPolicy.version == 1).order_by(EligibilityPolicy.id)
    same = [one for one in session.scalars(names.with_for_update(key_share=True)) if one.casefold() == name.casefold()]
    return {"name": _taken(same[0])} if same else {}


def _taken(name: str) -> str:
    return f"There is a policy named “{name.strip()}” already. Change that one, or choose another name."


def _write(made: EligibilityPolicy, policy: Policy, typed: TypedVersion) -> None:
    made.mode, made.threshold, made.alone_from = policy.mode, policy.threshold, policy.alone_from
    made.hardship_vintage = typed.vintage if Factor.HARDSHIP in policy.factors else None
    made.note, made.created_at = typed.note.strip(), now()
    made.weights = [
        EligibilityWeight(factor=one, weight=policy.weights.get(one), alone=one in policy.alone)
        for one in policy.factors
    ]


def _put_previews_aside(session: Session, policy: EligibilityPolicy) -> None:
    unfinished = (RunState.QUEUED, RunState.ASSESSING, RunState.PLANNED)
    of_it = and_(EligibilityRun.policy_id == policy.id, EligibilityRun.state.in_(unfinished))
    previews = select(EligibilityRun.id).where(of_it)
    session.execute(delete(EligibilityOutcome).where(EligibilityOutcome.run_id.in_(previews)))
    session.execute(update(EligibilityRun).where(of_it).values(state=RunState.DISCARDED, refusal=POLICY_CHANGED))


def _trace(session: Session, account: Account, action: str, policy: EligibilityPolicy) -> None:
    weights: dict[str, list[object]] = {
        one.factor: [None, {"weight": one.weight, "alone": one.alone}] for one in policy.weights
    }
    record(
        session,
        account=account,
        action=action,
        subject="eligibility_policy",
        subject_id=policy.id,
        changes={
            "version": [None, policy.version],
            "mode": [None, policy.mode],
            "threshold": [None, policy.threshold],
            **weights,
        },
    )
