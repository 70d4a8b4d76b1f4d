"""The words of a Chicago address, as people write them and as the city does. Spanish words included; accents are gone by now."""

import re

DIRECTIONS = {
    **dict.fromkeys(("N", "NORTH", "NORTE"), "N"),
    **dict.fromkeys(("S", "SOUTH", "SUR"), "S"),
    **dict.fromkeys(("E", "EAST", "ESTE"), "E"),
    **dict.fromkeys(("W", "WEST", "OESTE", "O"), "W"),
}
DIRECTION_NAMES = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST"}

# Streets whose own name begins with a direction: "7530 S South Shore Dr". The direction word is part of the name.
NAMED_FOR_A_DIRECTION = {
    ("EAST", "END"),
    ("EAST", "VIEW"),
    ("NORTH", "BRANCH"),
    ("NORTH", "PARK"),
    ("NORTH", "SHORE"),
    ("NORTH", "WATER"),
    ("SOUTH", "CHICAGO"),
    ("SOUTH", "SHORE"),
    ("SOUTH", "WATER"),
    ("WEST", "END"),
}

KINDS = {
    **dict.fromkeys(("AVE", "AVENUE", "AV", "AVENIDA", "AVN"), "AVE"),
    **dict.fromkeys(("ST", "STREET", "STR"), "ST"),
    **dict.fromkeys(("BLVD", "BOULEVARD", "BOUL", "BL"), "BLVD"),
    **dict.fromkeys(("PL", "PLACE"), "PL"),
    **dict.fromkeys(("DR", "DRIVE", "DRV"), "DR"),
    **dict.fromkeys(("RD", "ROAD"), "RD"),
    **dict.fromkeys(("PKWY", "PARKWAY", "PKY"), "PKWY"),
    **dict.fromkeys(("CT", "COURT", "CRT"), "CT"),
    **dict.fromkeys(("TER", "TERRACE", "TERR"), "TER"),
    **dict.fromkeys(("LN", "LANE"), "LN"),
    **dict.fromkeys(("HWY", "HIGHWAY"), "HWY"),
    **dict.fromkeys(("PLZ", "PLAZA"), "PLZ"),
    **dict.fromkeys(("SQ", "SQUARE"), "SQ"),
    **dict.fromkeys(("CIR", "CIRCLE"), "CIR"),
    **dict.fromkeys(("CRES", "CRESCENT"), "CRES"),
    **dict.fromkeys(("EXPY", "EXPRESSWAY"), "EXPY"),
    "WAY": "WAY",
}

# A street's name as people write it -> as the street tables have it.
STREET_ALIASES = {
    **dict.fromkeys(
        (
            "DR KING",
            "DR M L KING",
            "DR M L KING JR",
            "DR MARTIN L KING",
            "DR MARTIN L KING JR",
            "DR MARTIN LUTHER KING",
            "DR MARTIN LUTHER KING JR",
            "DR MLK",
            "DR MLK JR",
            "M L KING",
            "M L KING JR",
            "MARTIN L KING",
            "MARTIN L KING JR",
            "MARTIN LUTHER KING",
            "MARTIN LUTHER KING JR",
            "MLK",
            "MLK JR",
        ),
        "KING",
    ),
    "DES PLAINES": "DESPLAINES",
    "DUSABLE LAKE SHORE": "LAKE SHORE",
    "IDA WELLS": "IDA B WELLS",
    "JEAN BAPTISTE POINT DUSABLE LAKE SHORE": "LAKE SHORE",
    "LAKESHORE": "LAKE SHORE",
    "SAINT CLAIR": "ST CLAIR",
    "SAINT GEORGES": "ST GEORGES",
    "SAINT HELEN": "ST HELEN",
    "SAINT JAMES": "ST JAMES",
    "SAINT LAWRENCE": "ST LAWRENCE",
    "SAINT LOUIS": "ST LOUIS",
    "SAINT MARY": "ST MARY",
    "SAINT PAUL": "ST PAUL",
}
# "La Salle", "Mc Lean", "Le Claire": the city writes one word.
JOINED_PREFIXES = {"DE", "LA", "LE", "MC"}

UNITS = {
    **dict.fromkeys(
        ("APT", "APARTMENT", "APPT", "APMT", "APTO", "APARTAMENTO", "DEPTO", "DPTO", "DEPARTAMENTO", "#"), "APT"
    ),
    **dict.fromkeys(("UNIT", "UNIDAD"), "UNIT"),
    **dict.fromkeys(("STE", "SUITE"), "STE"),
    **dict.fromkeys(("RM", "ROOM", "CUARTO", "HABITACION"), "RM"),
    **dict.fromkeys(("FL", "FLR", "FLOOR", "PISO"), "FL"),
    **dict.fromkeys(("BSMT", "BSMNT", "BASEMENT", "SOTANO"), "BSMT"),
    **dict.fromkeys(("REAR", "RR", "ATRAS"), "REAR"),
    **dict.fromkeys(("FRNT", "FRONT", "FRENTE"), "FRNT"),
    **dict.fromkeys(("UPPR", "UPPER"), "UPPR"),
    **dict.fromkeys(("LOWR", "LOWER"), "LOWR"),
    **dict.fromkeys(("BLDG", "BUILDING", "EDIFICIO"), "BLDG"),
    **dict.fromkeys(("GDN", "GARDEN"), "GDN"),
    **dict.fromkeys(("PH", "PENTHOUSE"), "PH"),
    "LOT": "LOT",
    "TRLR": "TRLR",
}
# Said between a unit word and its number ("Apt. No. 2B"), and worth nothing.
UNIT_NOISE = {"NO", "NUM", "NUMBER", "NUMERO"}
# Written into the unit field to say there is none.
NO_UNIT = {"NONE", "NA", "N A", "NINGUNO", "NINGUNA", "X", "0"}
FLOOR_ORDINALS = {"FIRST": "1", "SECOND": "2", "THIRD": "3", "PRIMER": "1", "SEGUNDO": "2", "TERCER": "3"}

CITY_NAMES = {"CHICAGO", "CHGO", "CITY OF CHICAGO", "CHICAGO CITY"}
STATE_NAMES = {"IL", "ILL", "ILLINOIS", "ILINOIS"}
COUNTRY_NAMES = ("UNITED STATES OF AMERICA", "UNITED STATES", "ESTADOS UNIDOS", "USA", "EEUU", "US")
OTHER_STATES = frozenset(
    re.findall(
        r"\w+",
        "AL AK AZ AR CA CO CT DE FL GA HI ID IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD"
        " TN TX UT VT VA WA WV WI WY DC PR INDIANA WISCONSIN MICHIGAN IOWA MISSOURI KENTUCKY OHIO MINNESOTA TEXAS FLORIDA",
    )
)
