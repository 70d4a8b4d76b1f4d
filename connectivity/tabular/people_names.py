"""A guardian's full name, split into first and last."""


def split_name(full: str) -> tuple[str, str]:
    """(first, last) of a tidied name. `García López, María` by its comma; else the first word is the first name and all others the last: María | García López.

    A single word is a last name.
    """
    if "," not in full:
        first, _, last = full.partition(" ")
        return (first, last) if last else ("", first)
    last, comma, first = (part.strip() for part in full.partition(","))
    if comma and last and first:
        return first, last
    words = full.replace(",", " ").split()
    return (words[0], " ".join(words[1:])) if len(words) > 1 else ("", full.strip(" ,"))
