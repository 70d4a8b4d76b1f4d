"""Which passwords we take: long, not common, not made of this program's own words. No rules about signs (NIST SP 800-63B)."""

import re
import secrets

from connectivity.rules.names import fold

SHORTEST = 12
LONGEST = 128

# Words a stranger would try first here. A password made of these and digits alone is refused.
CONTEXT_WORDS = (
    "administrator", "admin", "broadband", "chicagoconnected", "chicago", "connectivity", "connected", "connect", "council",
    "cps", "demo", "district", "education", "equity", "illinois", "internet", "kids", "letmein", "login", "online", "partner",
    "password", "passwort", "program", "public", "school", "schools", "secret", "staff", "student", "students", "the", "user",
    "welcome", "wifi",
)  # fmt: skip
# The long ones among the most common passwords; shorter ones fall to the length.
COMMON = (
    "abcdefghijkl adgjmptwadgjmptw asdfghjklqwertyuiop basketball football123 iloveyou1234 iloveyouforever jesuschrist "
    "liverpool123 mypassword123 p4ssw0rd1234 passw0rd1234 princess1234 q1w2e3r4t5y6 qazwsxedcrfv qwer1234qwer qwerty123456 "
    "qwertyuiop12 qwertyuiop123 qwertyuiopasdf sunshine1234 superman1234 trustno1trustno1 unbelievable whateverwhatever "
    "zaq12wsxcde3 zxcvbnm12345 1q2w3e4r5t6y 1qaz2wsx3edc 123qweasdzxc 123456789abc changeme1234 administrator1"
)
_CONTEXT = re.compile(f"(?:{'|'.join(CONTEXT_WORDS)})+")
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def problems(password: str, *, email: str = "") -> list[str]:
    """What stands against this password, in words for the person who chose it. Empty when it may be used."""
    if len(password) < SHORTEST:
        return [
            f"Use at least {SHORTEST} characters. Three or four words that do not belong together are easy to keep."
        ]
    if len(password) > LONGEST:
        return [f"Use at most {LONGEST} characters."]
    plain = fold(password)
    letters = re.sub(r"[^a-z]", "", plain)
    if plain in COMMON.split() or len(set(plain)) < 5 or any(plain in run for run in _RUNS):
        return ["This is one of the passwords that strangers try first. Choose another."]
    if letters and _CONTEXT.fullmatch(letters):
        return ["This is made of words that belong to this program, so it is easy to guess. Add words of your own."]
    if email and plain in (fold(email), fold(email.partition("@")[0])):
        return ["This is your e-mail. Choose a password that nobody can look up."]
    return []


def generate() -> str:
    """A first password to hand over: 80 bits, without letters that are mistaken for one another."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(4)) for _ in range(4))
