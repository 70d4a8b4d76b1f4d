"""The PDF: tagged, each letter in its language, its text whole and searchable, its QR code the code; and nothing mangled."""

import datetime as dt
import re

import pytest
import segno
import typst

from connectivity.casework.labels import LANGUAGES as CONTACT_LANGUAGES
from connectivity.service.letters import settable, typeset
from connectivity.service.letters.settable import composed
from connectivity.service.letters.words import WORDS, Words
from tests.service.letters.pdf import read

AT = dt.datetime(2026, 11, 23, 18, 1, 2, 345, tzinfo=dt.UTC)
SENDER = typeset.Sender(program="Chicago Connected", help="773-417-1060", year="2026-27", demo=False)


def letter(language: str, name: str = "Rosa Muñoz", **given: object) -> typeset.LetterTo:
    values = {
        "language": language,
        "address": [name, "1135 W WILSON AVE APT 2B", "CHICAGO, IL 60640"],
        "code": "CC4F7K9QX2",
        "provider": "Comcast",
        "use_by": dt.date(2027, 6, 30),
        **given,
    }
    return typeset.LetterTo(**values)


def test_the_file_is_tagged_titled_and_says_it_is_pdf_ua() -> None:
    found = read(typeset.pdf([letter("en")], SENDER, made_at=AT))
    assert "/MarkInfo<</Marked true" in found.catalog
    assert "/Lang(en)" in found.catalog
    assert "/DisplayDocTitle true" in found.catalog
    assert "<pdfuaid:part>1</pdfuaid:part>" in found.metadata
    assert "Chicago Connected: 2026-27" in found.metadata
    assert [kind for kind, *_ in found.tags if kind in ("H1", "H2", "LI", "Figure")].count("LI") == 3
    assert (len(found.tag("H1")), len(found.tag("H2")), len(found.tag("Figure"))) == (1, 1, 1)


def test_each_letter_is_a_page_in_its_own_language() -> None:
    people = [letter("es"), letter("pl", "Małgorzata Żółć-Wiśniewska"), letter("en", "Nguyễn Ọlá")]
    found = read(typeset.pdf(people, SENDER, made_at=AT))
    spanish, polish, english = found.pages
    assert "Estimada familia:" in spanish
    assert "Úselo a más tardar el 30 de junio de 2027." in spanish
    assert "Szanowni Państwo," in polish
    assert "30 czerwca 2027" in polish
    assert "Małgorzata Żółć-Wiśniewska" in polish
    assert "Dear family," in english
    assert "Use it by June 30, 2027." in english
    assert "Nguyễn Ọlá" in english
    assert "/Lang(es)" in found.catalog
    assert [language for _, language, _ in found.tag("H1")] == ["", "pl", "en"]  # the first is the document's own
    for page in found.pages:
        assert "CC-4F7K-9QX2" in page
        assert "1135 W WILSON AVE APT 2B\nCHICAGO, IL 60640" in page
        assert "Comcast" in page
        assert "{" not in page


def test_the_qr_code_holds_the_code_and_says_so_to_who_cannot_see_it() -> None:
    found = read(typeset.pdf([letter("pl")], SENDER, made_at=AT))
    [(_, _, alternative)] = found.tag("Figure")
    assert alternative == "Kod QR, który zawiera Państwa kod członkowski, CC-4F7K-9QX2"
    drawn = typeset._square("CC-4F7K-9QX2")
    bars = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn["path"])
    dark = {(int(x) - 4 + at, int(y) - 4) for x, y, wide, _ in bars for at in range(int(wide))}
    matrix = segno.make("CC-4F7K-9QX2", error="m", micro=False, mask=typeset.MASK).matrix
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, one in enumerate(row) if one}
    assert drawn["size"] == len(matrix) + 8


def test_a_provider_s_own_long_code_and_no_last_day_fit() -> None:
    found = read(typeset.pdf([letter("en", code="ABCDEFGH1234567890AB", use_by=None)], SENDER, made_at=AT))
    assert len(found.pages) == 1
    assert "ABCDEFGH1234567890AB" in found.pages[0]
    assert "Use it by" not in found.pages[0]


def test_a_name_is_text_and_never_markup() -> None:
    name = '#panic("x") *bold* $x$ @y'
    assert name in read(typeset.pdf([letter("en", name)], SENDER, made_at=AT)).pages[0]


def test_demo_letters_say_so_in_their_language() -> None:
    demo = typeset.Sender(program="Chicago Connected", help="773-417-1060", year="2026-27", demo=True)
    pages = read(typeset.pdf([letter(one) for one in ("en", "es", "pl")], demo, made_at=AT)).pages
    assert [page.split(":")[0] for page in pages] == ["Demo", "Demostración", "Wersja pokazowa"]


def test_every_letter_of_a_language_fits_one_page_with_the_longest_words() -> None:
    long = typeset.Sender(program="Chicago Connected for Families and Students", help="Program help desk, 773-417-1060 or help@connected.example.org", year="2026-27", demo=True)  # fmt: skip
    people = [letter(one, provider="Astound Broadband, formerly RCN", code="ABCDEFGH1234567890AB") for one in WORDS]
    assert len(read(typeset.pdf(people, long, made_at=AT)).pages) == 3


@pytest.mark.parametrize("name", ["محمد علي", "陳美玲", "ሰላም", "김민준", "राम", "မြင့်", "😀"])
def test_a_name_that_the_font_lacks_is_refused_by_us_and_by_the_typesetter(name: str) -> None:
    assert not settable.settable(composed(name))
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        typeset.pdf([letter("en", name)], SENDER, made_at=AT)


def test_letters_written_from_right_to_left_are_refused_though_the_font_has_some() -> None:
    assert not settable.settable("שרה")


@pytest.mark.parametrize(
    "name", ["Ọlábísí Ọdẹ", "Đặng Thị Hường", "Žydrūnė Šimkutė", "Оксана Ґудзь", "O’Hara-Ng", "Cihuā"]
)
def test_names_of_other_languages_in_letters_that_the_font_has_are_set(name: str) -> None:
    assert settable.settable(composed(name))
    assert composed(name) in read(typeset.pdf([letter("en", name)], SENDER, made_at=AT)).pages[0]


def test_every_sign_that_counts_as_settable_is_in_the_font() -> None:
    signs = [chr(code) for code in range(0x20, 0x2100) if settable.settable(chr(code))]
    assert len(signs) > 900
    text = " ".join(f"a{sign}" for sign in signs)
    small = "\n".join(text[at : at + 70] for at in range(0, len(text), 70))
    source = f'#set document(title: "x")\n#set text(font: "{settable.FONT}", fallback: false)\n#sys.inputs.text'
    typst.compile(source.encode(), ignore_system_fonts=True, sys_inputs={"text": small}, pdf_standards=["ua-1"])


def test_the_words_of_each_language_ask_for_the_same_values_and_are_settable() -> None:
    def asked(words: Words) -> dict[str, list[str]]:
        texts = {name: value if isinstance(value, str) else " ".join(value) for name, value in vars(words).items()}
        return {name: sorted(re.findall(r"{(\w+)}", text)) for name, text in texts.items()}

    assert asked(WORDS["es"]) == asked(WORDS["pl"]) == asked(WORDS["en"])
    assert set(settable.LANGUAGES) == set(WORDS)
    assert set(settable.LANGUAGES) < set(CONTACT_LANGUAGES)
    for words in WORDS.values():
        for text in vars(words).values():
            assert settable.settable("".join(text))


def test_many_letters_are_set_in_a_process_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [letter("en"), letter("es")]
    here = typeset.pdf(few, SENDER, made_at=AT)
    monkeypatch.setattr(typeset, "SET_HERE", 1)
    assert typeset.pdf(few, SENDER, made_at=AT) == here


def test_the_same_letters_make_the_same_bytes() -> None:
    assert typeset.pdf([letter("en")], SENDER, made_at=AT) == typeset.pdf([letter("en")], SENDER, made_at=AT)
