"""The files of data/: what each is, who published it, and what it must look like to be loaded."""

from dataclasses import dataclass

FULL = "community_areas_full.geojson"
DRAWING = "community_areas_drawing.geojson"
GRID_MODEL = "sources/grid_model.json"
AREAS = "sources/community_areas.csv"
ACS_2020 = "sources/cds_internet_demographics_acs2016_2020.csv"
ACS_2022 = "sources/cds_internet_demographics_acs2018_2022.csv"
HARDSHIP_CITY = "sources/socioeconomic_2008_2012.csv"
HARDSHIP_GCI = "sources/hardship_gci_2014_2017.csv"
INTERNET_2019 = "sources/internet_pct_acs2015_2019.csv"
SCHOOLS = "sources/cps_schools_sy2019_20.csv"
ZIP_AREAS = "sources/crosswalk_zip_community_area.csv"
WARD_AREAS = "sources/crosswalk_ward2015_community_area.csv"
ARTERIALS = "sources/street_grid_arterials.csv"
STREETS = "sources/street_axis_from_sites.csv"

CITY = "City of Chicago"
CMAP = "Chicago Metropolitan Agency for Planning"
GCI = "University of Illinois Chicago, Great Cities Institute"
CPS = "Chicago Public Schools"
OURS = "This project"

CITY_TERMS = "Public data, City of Chicago data portal terms of use"
PUBLIC_FACTS = "Public facts and figures; cite the publisher"
OWN_WORK = "Computed from public data; MIT, as this project"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One committed file. `columns` and `rows` are what a CSV must have; `kept` puts its bytes into the database."""

    name: str
    meaning: str
    publisher: str
    vintage: str
    license: str
    source: str
    rows: int | None
    columns: tuple[str, ...] = ()
    kept: bool = False


_COUNTS = (
    "population under_5 age_5_19 white_nh hispanic black_nh asian_nh other_nh labor_force unemployed pop_25_plus"
    " no_hs_diploma_25_plus hh_income_under_25k median_household_income per_capita_income households hh_with_computer"
    " hh_smartphone_only hh_no_computer hh_internet_any hh_broadband hh_no_internet pop_5_plus pop_5_plus_non_english"
    " pop_5_plus_limited_english pop_5_plus_spanish pct_hh_no_internet pct_hh_no_broadband pct_hh_no_computer"
    " pct_hh_smartphone_only"
)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FILES = (
    DataFile(
        FULL,
        "The 77 community areas in full resolution, for placing",
        CITY,
        "the 77 areas since 1980",
        f"{CITY_TERMS}; carried by libpysal (BSD-3-Clause)",
        "Boundaries, dataset igwz-8jzy, from Chicago77.shp in the libpysal wheel",
        77,
        kept=True,
    ),
    DataFile(
        DRAWING,
        "The same areas simplified at 100 feet with their borders still shared, for drawing",
        CITY,
        "the 77 areas since 1980",
        f"{CITY_TERMS}; carried by libpysal (BSD-3-Clause)",
        "Computed from the full resolution with shapely.coverage_simplify",
        77,
        kept=True,
    ),
    DataFile(
        AREAS,
        "Names, other spellings, side of the city, land area and a point for the label",
        CITY,
        "the 77 areas since 1980",
        CITY_TERMS,
        "Names of dataset igwz-8jzy; area and label point computed from the polygons; sides as commonly drawn",
        77,
        _columns("community_area name name_in_shapefile name_variants_seen side area_sq_mi label_lon label_lat"),
    ),
    DataFile(
        ACS_2022,
        "Households by internet and computer, people by age, origin and language. The current need layer",
        CMAP,
        "ACS 2018-2022",
        PUBLIC_FACTS,
        "Community Data Snapshots 2024, from the American Community Survey, 5-year estimates",
        77,
        _columns(f"community_area name {_COUNTS}"),
    ),
    DataFile(
        ACS_2020,
        "The same counts two years earlier (the vintages overlap), with census counts of 2010 and 2020",
        CMAP,
        "ACS 2016-2020",
        PUBLIC_FACTS,
        "Community Data Snapshots, from the American Community Survey, 5-year estimates",
        77,
        _columns(f"community_area name census2010_pop census2020_pop census2020_households {_COUNTS}"),
    ),
    DataFile(
        INTERNET_2019,
        "Share of households with internet of any kind; the City's COVID-19 vulnerability score. Not loaded: no counts",
        "University of Chicago, Data Science Institute, from ACS; City of Chicago (vulnerability score)",
        "ACS 2015-2019",
        PUBLIC_FACTS,
        "Published shares by community area",
        77,
        _columns("community_area name pct_hh_internet_any ccvi_score"),
    ),
    DataFile(
        HARDSHIP_CITY,
        "Six socioeconomic indicators and the hardship index 1-98 made of them",
        CITY,
        "2008-2012",
        CITY_TERMS,
        "Census data, selected socioeconomic indicators, dataset kn9c-c2s2",
        77,
        _columns(
            "community_area name pct_housing_crowded pct_households_below_poverty pct_16plus_unemployed pct_25plus_no_hs_diploma"
            " pct_under18_or_over64 per_capita_income hardship_index"
        ),
    ),
    DataFile(
        HARDSHIP_GCI,
        "Economic hardship index 0-100 of two periods, and five of its six parts",
        GCI,
        "ACS 2010-2014 and 2013-2017",
        PUBLIC_FACTS,
        "Fact sheets on the Economic Hardship Index",
        77,
        _columns(
            "community_area name hardship_2010_2014 hardship_2013_2017 pct_unemployed_2017 pct_dependency_2017 pct_crowded_2017"
            " pct_poverty_2017 per_capita_income_2017"
        ),
    ),
    DataFile(
        SCHOOLS,
        "Public schools with address, grades, position and community area (by point in polygon)",
        CPS,
        "2019-20",
        CITY_TERMS,
        "School locations, school year 2019-20; governance inferred from the id (400xxx: charter or contract)",
        654,
        _columns(
            "school_id short_name address zip category grades type governance_by_id lon lat community_area community_area_name"
            " m_to_area_edge"
        ),
    ),
    DataFile(
        ZIP_AREAS,
        "Which community areas each ZIP code overlaps, by land and not by people; slivers under 0.01 square mile dropped",
        OURS,
        "2010s",
        OWN_WORK,
        "Overlap of the ZIP code polygons of the PyPI package chicago 0.4.1 with the community areas",
        210,
        _columns("zip community_area name share_of_zip_area share_of_community_area"),
    ),
    DataFile(
        WARD_AREAS,
        "Which community areas each ward of the 2015-2023 map overlaps, by precincts. Not loaded: the map is no longer in force",
        OURS,
        "ward map of 2015-2023",
        OWN_WORK,
        "Counts of precincts",
        215,
        _columns("ward_2015_2023 community_area name precincts share_of_ward_precincts share_of_area_precincts"),
    ),
    DataFile(
        GRID_MODEL,
        "Constants of the address grid: address number to position in EPSG:3435",
        OURS,
        "2026",
        OWN_WORK,
        "Least squares on public building addresses",
        None,
        kept=True,
    ),
    DataFile(
        ARTERIALS,
        "Grid number of the well-known streets; State and Madison are 0",
        OURS,
        "2026",
        OWN_WORK,
        "The city's numbering, as commonly known; consistent with the grid model",
        56,
        _columns("street runs grid_number grid_side"),
    ),
    DataFile(
        STREETS,
        "Grid number of each street estimated from public buildings on it; the flag marks streets without a single number",
        OURS,
        "2026",
        OWN_WORK,
        "Public building addresses through the grid model",
        379,
        _columns("street runs sites grid_number_est grid_side median_abs_dev flag"),
    ),
)
BY_NAME = {file.name: file for file in FILES}
