"""The words of the letter in English, Spanish and Polish: our own text, not a machine's. Short, and addressed to the family, not to a name
that would have to be declined or given a gender."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """The letter in one language. `{...}` is filled in: program, provider, year, day, code, help."""

    heading: str
    greeting: str
    lead: str
    code_label: str
    use_by: str
    qr_alt: str
    qr_hint: str
    steps_heading: str
    steps: tuple[str, ...]
    private: str
    questions: str
    demo: str


ENGLISH = Words(
    heading="Free internet at home for {year}",
    greeting="Dear family,",
    lead="{program} pays {provider} for internet in your home. You pay nothing.",
    code_label="Your membership code",
    use_by="Use it by {day}.",
    qr_alt="QR code that holds your membership code, {code}",
    qr_hint="Scan the square with a phone to copy the code.",
    steps_heading="What to do",
    steps=(
        "Call {provider}. Say that you are with {program}.",
        "Give them your membership code, your name and your address.",
        "{provider} tells you how your home will be connected.",
    ),
    private="The code is for your home only, and it works once. Do not share it.",
    questions="Do you have questions? Get help: {help}. The person who answers can help in your language.",
    demo="Demo: this person, address and code are made up.",
)

SPANISH = Words(
    heading="Internet gratis en su hogar para {year}",
    greeting="Estimada familia:",
    lead="{program} le paga a {provider} el internet de su hogar. Usted no paga nada.",
    code_label="Su código de membresía",
    use_by="Úselo a más tardar el {day}.",
    qr_alt="Código QR que contiene su código de membresía, {code}",
    qr_hint="Escanee el cuadro con un teléfono para copiar el código.",
    steps_heading="Qué hacer",
    steps=(
        "Llame a {provider} y diga que participa en {program}.",
        "Dé su código de membresía, su nombre y su dirección.",
        "{provider} le dirá cómo se conectará su hogar.",
    ),
    private="El código es solo para su hogar y sirve una sola vez. No lo comparta.",
    questions="¿Tiene preguntas? Pida ayuda: {help}. La persona que contesta puede ayudarle en su idioma.",
    demo="Demostración: esta persona, dirección y código son inventados.",
)

POLISH = Words(
    heading="Bezpłatny internet w domu na rok {year}",
    greeting="Szanowni Państwo,",
    lead="{program} płaci firmie {provider} za internet w Państwa domu. Państwo nic nie płacą.",
    code_label="Państwa kod członkowski",
    use_by="Prosimy go użyć najpóźniej {day}.",
    qr_alt="Kod QR, który zawiera Państwa kod członkowski, {code}",
    qr_hint="Aby skopiować kod, proszę zeskanować kwadrat telefonem.",
    steps_heading="Co zrobić",
    steps=(
        "Proszę zadzwonić do firmy {provider} i powiedzieć, że korzystają Państwo z programu {program}.",
        "Proszę podać kod członkowski, imię i nazwisko oraz adres.",
        "Firma {provider} powie, jak zostanie podłączony internet.",
    ),
    private="Kod jest tylko dla Państwa domu i działa jeden raz. Prosimy nikomu go nie udostępniać.",
    questions="Mają Państwo pytania? Tu otrzymają Państwo pomoc: {help}. Osoba, która odbierze, może pomóc w Państwa języku.",
    demo="Wersja pokazowa: ta osoba, adres i kod są zmyślone.",
)

WORDS = {"en": ENGLISH, "es": SPANISH, "pl": POLISH}
