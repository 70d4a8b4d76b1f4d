"""An assessment in plain words: what everybody who works with a household may read, and what the eligibility office alone may."""

from connectivity.rules.eligibility import (
    BIT,
    Assessment,
    Factor,
    Facts,
    Mode,
    Policy,
    tenths,
    thousandths,
)
from connectivity.rules.service_states import N_

FACTOR_LABEL: dict[Factor, str] = {
    Factor.HARDSHIP: N_("Hardship index of the area"),
    Factor.MEALS: N_("Free or reduced-price lunch"),
    Factor.MEDICAID: N_("Medicaid"),
    Factor.DIVERSE_LEARNER: N_("Diverse learner"),
    Factor.ENGLISH_LEARNER: N_("English learner"),
    Factor.TEMPORARY_LIVING: N_("Temporary living situation"),
    Factor.UNACCOMPANIED: N_("Unaccompanied youth"),
}
HELD_BACK = "The rest is with the eligibility office."
_OUTCOME = {True: "Eligible", False: "Not eligible", None: "Not decidable yet"}


def public_words(policy: Policy, facts: Facts, found: Assessment) -> str:
    """The explanation that names nothing sensitive and lets nothing sensitive be computed.

    Where a policy looks at sensitive factors, every household's words are alike: no score, no points, no rule that took effect but
    those of published figures.
    """
    if policy.mode is Mode.DISTRICT:
        return _district(found)
    if policy.sensitive:
        return f"{_OUTCOME[found.eligible]} under the program’s policy. {_hardship(policy, facts)}{HELD_BACK}"
    return f"{_OUTCOME[found.eligible]}: {_weighed(policy, facts, found)}"


def sealed_words(policy: Policy, facts: Facts, found: Assessment) -> str:
    """What the eligibility office reads beside the public words; empty where the policy looks at nothing sensitive."""
    if not policy.sensitive:
        return ""
    return f"{_OUTCOME[found.eligible]}: {_weighed(policy, facts, found)}"


def _district(found: Assessment) -> str:
    if found.eligible is None:
        return "Not decidable yet: the district’s roster of this program year says nothing about this household."
    return f"{_OUTCOME[found.eligible]}: the district determined it, in its roster."


def _hardship(policy: Policy, facts: Facts) -> str:
    if Factor.HARDSHIP not in policy.factors:
        return ""
    if facts.hardship is None:
        return "The hardship index is not known: the home is not placed in an area. "
    enough = policy.alone_from is not None and facts.hardship >= policy.alone_from * 10
    by_itself = f", enough by itself from {policy.alone_from} on" if enough else ""
    return f"Hardship index of {facts.area_name} {tenths(facts.hardship)}{by_itself}. "


def _weighed(policy: Policy, facts: Facts, found: Assessment) -> str:
    earned = dict(found.points)
    parts = [_part(policy, one, facts, earned.get(one)) for one in policy.factors if one not in found.unknown]
    parts = [one for one in parts if one] or ["no factor applies"]
    if found.unknown:
        parts.append(f"not known: {', '.join(_lower(one) for one in found.unknown)}")
    if found.score is not None:
        parts.append(f"score {thousandths(found.score)}, threshold {policy.threshold}")
    return ", ".join(parts[:-1]) + ("; " if len(parts) > 1 else "") + parts[-1] + "."


def _part(policy: Policy, factor: Factor, facts: Facts, points: int | None) -> str:
    if factor in BIT:
        if not facts.has & BIT[factor]:
            return ""
        words = _lower(factor)
        enough = factor in policy.alone
    else:
        words = f"hardship index of {facts.area_name} {tenths(facts.hardship or 0)}"
        enough = policy.alone_from is not None and (facts.hardship or 0) >= policy.alone_from * 10
    if enough:
        return f"{words} (enough by itself)"
    return f"{words} ({thousandths(points)} points)" if points else words


def _lower(factor: Factor) -> str:
    label = FACTOR_LABEL[factor]
    return label if factor is Factor.MEDICAID else label[0].lower() + label[1:]
