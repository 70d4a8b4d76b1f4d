"""Every measure the maps offer. Texts marked by `_` are translated where they are shown.

Colors by ColorBrewer (Cynthia A. Brewer, Pennsylvania State University; Apache License 2.0), schemes it marks as safe for
color-blind readers. Breaks are rounded and the same for every vintage, so that two maps of one measure can be compared.
"""

from math import inf

from connectivity.equity.measures import Direction, Kind, Measure, Unit

_ = str

BLUES = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")
ORANGES = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404")
PURPLES = ("#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#810f7c")

HOUSEHOLD_BREAKS = (0, 250, 500, 1000, 2000, inf)
HARDSHIP_BREAKS = (0, 20, 40, 60, 80, 100)
NOW, BEFORE = "2018-2022", "2016-2020"

CMAP = "CMAP Community Data Snapshots, from the U.S. Census Bureau's American Community Survey"
OWN = "Program register"

PROGRAM = (
    Measure(
        key="take_up",
        kind=Kind.PROGRAM,
        unit=Unit.SHARE,
        direction=Direction.HIGH_IS_GOOD,
        title=_("Take-up rate"),
        question=_("Where do eligible households use the program?"),
        definition=_(
            "Households with active service on the as-of date, as a share of the households that were found eligible in "
            "the program year by then, counted in the area where each lives now."
        ),
        numerator=_("Enrolled"),
        denominator=_("Eligible"),
        breaks=(0, 0.25, 0.35, 0.45, 0.60, 1),
        palette=BLUES,
        palette_name="Blues",
        source=OWN,
    ),
    Measure(
        key="active",
        kind=Kind.PROGRAM,
        unit=Unit.COUNT,
        direction=Direction.HIGH_IS_MORE,
        title=_("Households enrolled"),
        question=_("Where are the households that the program connects?"),
        definition=_(
            "Households whose internet service through the program is active on the as-of date. Service that is ordered, "
            "suspended or ended is not counted."
        ),
        breaks=HOUSEHOLD_BREAKS,
        palette=BLUES,
        palette_name="Blues",
        source=OWN,
    ),
    Measure(
        key="eligible",
        kind=Kind.PROGRAM,
        unit=Unit.COUNT,
        direction=Direction.HIGH_IS_MORE,
        title=_("Households eligible"),
        question=_("Where do the eligible households live?"),
        definition=_(
            "Households found eligible in the program year by the as-of date. One whose enrollment has ended still counts; "
            "a record ended as a duplicate does not."
        ),
        breaks=HOUSEHOLD_BREAKS,
        palette=PURPLES,
        palette_name="BuPu",
        source=OWN,
    ),
    Measure(
        key="gap",
        kind=Kind.PROGRAM,
        unit=Unit.COUNT,
        direction=Direction.HIGH_IS_BAD,
        title=_("Gap"),
        question=_("Where are eligible households not connected yet?"),
        definition=_(
            "Eligible households without active service through the program on the as-of date. Some of them may pay for "
            "internet of their own."
        ),
        breaks=HOUSEHOLD_BREAKS,
        palette=ORANGES,
        palette_name="YlOrBr",
        source=OWN,
    ),
)


def _share(
    key: str,
    vintage: str,
    breaks: tuple[float, ...],
    title: str,
    question: str,
    definition: str,
    numerator: str = _("Without"),
) -> Measure:
    return Measure(
        key=key if vintage == NOW else f"{key}_{vintage.replace('-', '_')}",
        kind=Kind.NEED,
        unit=Unit.SHARE,
        direction=Direction.HIGH_IS_BAD,
        title=title,
        question=question,
        definition=definition,
        numerator=numerator,
        denominator=_("Households"),
        breaks=breaks,
        palette=ORANGES,
        palette_name="YlOrBr",
        indicator=key,
        vintage=vintage,
        source=CMAP,
    )


def _shares(vintage: str) -> tuple[Measure, ...]:
    return (
        _share(
            "no_broadband",
            vintage,
            (0, 0.10, 0.15, 0.20, 0.25, 1),
            _("No broadband subscription"),
            _("Where do homes have no broadband subscription?"),
            _(
                "Share of households without a broadband subscription of any type, cell phone data plans included. Some of "
                "them still reach the internet without paying for it, so this is more than “no internet of any kind”."
            ),
        ),
        _share(
            "no_internet",
            vintage,
            (0, 0.05, 0.10, 0.15, 0.20, 1),
            _("No internet of any kind"),
            _("Where do homes have no internet of any kind?"),
            _(
                "Share of households without any internet at home, paid or not. Homes that are online without a "
                "subscription are not counted, so this is less than “no broadband subscription”."
            ),
        ),
        _share(
            "no_computer",
            vintage,
            (0, 0.05, 0.10, 0.15, 0.20, 1),
            _("No computer"),
            _("Where do homes have no computer?"),
            _("Share of households without a desktop, laptop, tablet, smartphone or other computer."),
        ),
        _share(
            "smartphone_only",
            vintage,
            (0, 0.05, 0.10, 0.15, 0.20, 1),
            _("Smartphone only"),
            _("Where is a smartphone a home's only computer?"),
            _("Share of households whose only computer is a smartphone."),
            _("Phone only"),
        ),
    )


def _hardship(key: str, vintage: str, definition: str, source: str) -> Measure:
    return Measure(
        key=key,
        kind=Kind.NEED,
        unit=Unit.INDEX,
        direction=Direction.HIGH_IS_BAD,
        title=_("Economic hardship"),
        question=_("Where is economic hardship highest?"),
        definition=definition,
        breaks=HARDSHIP_BREAKS,
        palette=ORANGES,
        palette_name="YlOrBr",
        indicator="hardship",
        vintage=vintage,
        source=source,
    )


NEED = (
    *_shares(NOW),
    _hardship(
        "hardship",
        "2013-2017",
        _(
            "An index from 0 (least) to 100 (most), averaged from unemployment, dependency, crowded housing, poverty, "
            "schooling and income per person."
        ),
        "University of Illinois Chicago, Great Cities Institute, Economic Hardship Index",
    ),
    *_shares(BEFORE),
    _hardship(
        "hardship_2008_2012",
        "2008-2012",
        _(
            "The city's own index of that time, from 1 (least) to 98 (most), from the same six conditions. Compare areas "
            "within it, not with the index of 2013-2017."
        ),
        "City of Chicago, selected socioeconomic indicators",
    ),
)

ALL = PROGRAM + NEED
BY_KEY = {measure.key: measure for measure in ALL}
EARLIER = tuple(measure for measure in NEED if measure.key.endswith(("_2016_2020", "_2008_2012")))

FIRST_NEED = BY_KEY["no_broadband"]
FIRST_PROGRAM = BY_KEY["take_up"]
