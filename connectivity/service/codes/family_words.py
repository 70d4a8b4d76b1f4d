"""The words of the families' look-up, in English and Spanish: our own text, not a machine's."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectivity.service.codes.family import Standing


@dataclass(frozen=True, kw_only=True)
class Words:
    """The page in one language. `{...}` is filled in."""

    language: str
    title: str
    lead: str
    student_id: str
    student_id_hint: str
    birth_date: str
    birth_date_hint: str
    button: str
    check: str
    bad_id: str
    bad_date: str
    no_match: str
    wait: str
    your_code: str
    use_by: str
    privacy: str
    other_page: str
    standings: Mapping[Standing, tuple[str, str]]  # heading, what to do


ENGLISH = Words(
    language="en",
    title="Is our home eligible for free internet?",
    lead="Enter one student’s ID and birth date. You see whether your home is eligible this year, and your membership code if there is one.",
    student_id="Student ID",
    student_id_hint="It is on the report card and the school ID card, like 50123456.",
    birth_date="Student’s birth date",
    birth_date_hint="Month, day, year, such as 03/14/2015.",
    button="Look it up",
    check="Please check these fields",
    bad_id="Enter the student ID: digits and letters only.",
    bad_date="Enter the birth date as month, day and year, such as 03/14/2015.",
    no_match="We cannot show anything for this ID and birth date. Check both and try again, or call {help}. The person who answers can help in your language.",
    wait="Please wait {seconds} seconds, then try again.",
    your_code="Your membership code",
    use_by="Use it by {day}.",
    privacy="Nothing you enter is kept with your name. A look-up is noted without the ID and the birth date.",
    other_page="Esta página en español",
    standings={
        Standing.NOT_LISTED: (
            "Your home is not on the list for {year} so far",
            "The list is made anew each year. If you think your home should be on it, call {help}.",
        ),
        Standing.CODE_TO_COME: (
            "Your home is eligible for {year}",
            "Your membership code was not given out yet. It comes by letter. If you need it sooner, call {help}.",
        ),
        Standing.CODE_READY: (
            "Your home is eligible for {year}, and your code is ready",
            "Call {provider}, say that you are with {program}, and give them the code. You pay nothing. The code is for your home only.",
        ),
        Standing.CODE_DEAD: (
            "Your home is eligible for {year}, but your code cannot be used any more",
            "Call {help} and ask for a new code.",
        ),
        Standing.ON_ITS_WAY: (
            "Your code for {year} was used: service is on its way",
            "{provider} is setting it up. If you have not heard from them for a week, call {help}.",
        ),
        Standing.CONNECTED: (
            "Your home is connected in {year}",
            "You need no code. If the internet does not work, call {provider}; if that does not help, call {help}.",
        ),
        Standing.SUSPENDED: (
            "Your service for {year} is paused",
            "Call {help}. They find out why and what to do.",
        ),
        Standing.ENDED: (
            "Your home’s place in {year} has ended",
            "If you did not expect this, call {help}.",
        ),
    },
)

SPANISH = Words(
    language="es",
    title="¿Tiene nuestro hogar derecho a internet gratis?",
    lead="Escriba el número de identificación y la fecha de nacimiento de un estudiante. Verá si su hogar cumple los requisitos este año y, si ya lo tiene, su código de membresía.",
    student_id="Número de identificación del estudiante",
    student_id_hint="Está en la boleta de calificaciones y en la credencial escolar, por ejemplo 50123456.",
    birth_date="Fecha de nacimiento del estudiante",
    birth_date_hint="Mes, día y año, por ejemplo 03/14/2015.",
    button="Consultar",
    check="Revise estos campos",
    bad_id="Escriba el número de identificación: solo cifras y letras.",
    bad_date="Escriba la fecha de nacimiento con mes, día y año, por ejemplo 03/14/2015.",
    no_match="No podemos mostrar nada para este número y esta fecha de nacimiento. Revise los dos e intente otra vez, o llame a {help}. La persona que contesta puede ayudarle en su idioma.",
    wait="Espere {seconds} segundos e intente otra vez.",
    your_code="Su código de membresía",
    use_by="Úselo a más tardar el {day}.",
    privacy="Nada de lo que escribe se guarda junto con su nombre. Se anota que hubo una consulta, sin el número ni la fecha.",
    other_page="This page in English",
    standings={
        Standing.NOT_LISTED: (
            "Su hogar no está por ahora en la lista de {year}",
            "La lista se hace de nuevo cada año. Si cree que su hogar debería estar en ella, llame a {help}.",
        ),
        Standing.CODE_TO_COME: (
            "Su hogar cumple los requisitos para {year}",
            "Todavía no se ha entregado su código de membresía. Llega por carta. Si lo necesita antes, llame a {help}.",
        ),
        Standing.CODE_READY: (
            "Su hogar cumple los requisitos para {year} y su código está listo",
            "Llame a {provider}, diga que participa en {program} y dé el código. Usted no paga nada. El código es solo para su hogar.",
        ),
        Standing.CODE_DEAD: (
            "Su hogar cumple los requisitos para {year}, pero su código ya no se puede usar",
            "Llame a {help} y pida un código nuevo.",
        ),
        Standing.ON_ITS_WAY: (
            "Su código de {year} ya se usó: el servicio está en camino",
            "{provider} lo está preparando. Si en una semana no ha tenido noticias, llame a {help}.",
        ),
        Standing.CONNECTED: (
            "Su hogar está conectado en {year}",
            "No necesita ningún código. Si el internet no funciona, llame a {provider}; si eso no ayuda, llame a {help}.",
        ),
        Standing.SUSPENDED: (
            "Su servicio de {year} está en pausa",
            "Llame a {help}. Le dirán por qué y qué hacer.",
        ),
        Standing.ENDED: (
            "El lugar de su hogar en {year} terminó",
            "Si no lo esperaba, llame a {help}.",
        ),
    },
)

WORDS = {one.language: one for one in (ENGLISH, SPANISH)}
