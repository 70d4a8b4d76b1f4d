"""How sources write grades, languages, and yes or no."""

from connectivity.tabular.column_profiles import fold_heading

GRADES = ("PK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def _grade_words() -> dict[str, str]:
    words = dict.fromkeys(("pk", "prek", "pre-kindergarten", "prekindergarten", "preschool", "pr", "pre"), "PK")
    words |= dict.fromkeys(("k", "kg", "kindergarten", "kinder"), "K")
    for number, ordinal in enumerate(_ORDINALS, start=1):
        plain = str(number)
        written = plain + _ENDINGS.get(number, "th")
        stems = (plain, f"{number:02}", written, "0" + written, ordinal)
        words |= {form: plain for stem in stems for form in (stem, stem + "grade", "grade" + stem)}
    return {fold_heading(word): grade for word, grade in words.items()}


# Folded spelling -> the grade as it is stored.
GRADE_WORDS = _grade_words()

# ISO 639 code as stored -> names and the other codes people write. "Chinese" alone is not here: nobody knows which one to call in.
_LANGUAGES = {
    "en": "English, eng",
    "es": "Spanish, Español, spa",
    "pl": "Polish, Polski, pol",
    "cmn": "Mandarin, Chinese Mandarin, Mandarin Chinese, Putonghua",
    "yue": "Cantonese, Chinese Cantonese, Cantonese Chinese",
    "ar": "Arabic, ara",
    "ur": "Urdu, urd",
    "uk": "Ukrainian, ukr",
    "am": "Amharic, amh",
    "aii": "Assyrian, Assyrian Neo-Aramaic",
    "bs": "Bosnian, bos",
    "my": "Burmese, mya, bur",
    "prs": "Dari",
    "fr": "French, fra, fre",
    "gu": "Gujarati, guj",
    "ht": "Haitian Creole, Haitian, hat",
    "hi": "Hindi, hin",
    "quc": "K’iche’, Kiche, Quiche",
    "ko": "Korean, kor",
    "lt": "Lithuanian, lit",
    "ne": "Nepali, nep",
    "ps": "Pashto, pus",
    "fa": "Persian, Farsi, fas, per",
    "ro": "Romanian, ron, rum",
    "rhg": "Rohingya",
    "ru": "Russian, rus",
    "so": "Somali, som",
    "sw": "Swahili, swa",
    "tl": "Tagalog, Filipino, Pilipino, tgl, fil",
    "vi": "Vietnamese, vie",
    "yo": "Yoruba, yor",
    "ase": "American Sign Language, ASL",
    "mis": "Another language, Other, Other language",
}
LANGUAGE_WORDS = {fold_heading(word): code for code, words in _LANGUAGES.items() for word in (code, *words.split(", "))}
YES_NO_WORDS = dict.fromkeys(("y", "yes", "true", "t", "1", "x", "si"), "yes") | dict.fromkeys(
    ("n", "no", "false", "f", "0"), "no"
)

# What a source writes for a sensitive factor of eligibility, beside yes and no, by column name. A word that is not here says nothing.
_FACTORS = {
    "frl": ("free, reduced, F, R, FRL, FRPL, free lunch, reduced price, reduced lunch, direct certification, DC", "paid, P, full price, denied"),
    "medicaid": ("enrolled, Medicaid, MAGI", "not enrolled, none"),
    "diverse_learner": ("IEP, DL, SPED", "none, no IEP"),
    "english_learner": ("EL, ELL, LEP", "exited, monitored, never, English only"),
    "stls": ("STLS, doubled up, shelter, shelters, hotel, motel, hotels/motels, unsheltered, homeless", "none, housed, not STLS"),
    "unaccompanied_youth": ("UY, unaccompanied", "none, accompanied"),
}  # fmt: skip
FACTOR_WORDS = {
    name: YES_NO_WORDS
    | {fold_heading(word): said for said, words in zip(("yes", "no"), both, strict=True) for word in words.split(", ")}
    for name, both in _FACTORS.items()
}


def factor_said(name: str, written: str) -> bool | None:
    """Whether the cell of a sensitive factor says yes or no; None where it says neither."""
    return {"yes": True, "no": False}.get(FACTOR_WORDS[name].get(fold_heading(written), ""))
