"""Reads a page as strictly as a hurried reviewer would: every page that a test fetches passes through here."""

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
OUTSIDE = re.compile(r"^(https?:)?//", re.IGNORECASE)
LABELLED = {"input", "select", "textarea"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: dict[str, list[str]] = {"title": [], "h1": [], "button": [], "a": []}
        self.unclosed: list[str] = []
        self.fields_in_labels: set[int] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LABELLED and "label" in self.open:
            self.fields_in_labels.add(len(self.tags))
        self.tags.append((tag, dict(attrs)))
        if tag in self.text and not (tag == "title" and "svg" in self.open):
            self.text[tag].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.unclosed.append(tag)
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        for tag, texts in self.text.items():
            if tag in self.open and texts:
                texts[-1] += data


def problems(html: str) -> list[str]:
    """Everything wrong with a page, in words. Empty for a page that may be shown."""
    page = _Page()
    page.feed(html)
    return [*_structure(page), *_forms(page), *_safety(page, html)]


def _structure(page: _Page) -> list[str]:
    found = [f"<{tag}> closed out of order" for tag in page.unclosed]
    if not any(tag == "html" and attrs.get("lang") for tag, attrs in page.tags):
        found.append("no language on <html>")
    if not any(tag == "main" for tag, _ in page.tags):
        found.append("no <main>")
    tables, captions = (sum(tag == one for tag, _ in page.tags) for one in ("table", "caption"))
    if captions < tables:
        found.append(f"{tables} tables, {captions} captions")
    return [*found, *_headings(page), *_references(page)]


def _headings(page: _Page) -> list[str]:
    if len(page.text["h1"]) != 1 or not page.text["h1"][0].strip():
        return [f"{len(page.text['h1'])} h1, one wanted"]
    heading, title = page.text["h1"][0].strip(), "".join(page.text["title"][:1]).strip()
    found = [] if title.startswith(heading[:20]) else [f"title {title!r} does not begin with the h1 {heading!r}"]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    return found + [
        f"heading h{after} straight after h{before}" for before, after in pairwise(levels) if after > before + 1
    ]


def _references(page: _Page) -> list[str]:
    ids = Counter(attrs["id"] for _, attrs in page.tags if attrs.get("id"))
    found = [f"id {one!r} used {times} times" for one, times in ids.items() if times > 1]
    for tag, attrs in page.tags:
        pointed = [
            one
            for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for")
            for one in (attrs.get(name) or "").split()
        ]
        href = attrs.get("href") or ""
        pointed += [href[1:]] if tag == "a" and href.startswith("#") and href != "#" else []
        found += [f"<{tag}> points at missing id {one!r}" for one in pointed if one not in ids]
        if tag == "img" and "alt" not in attrs:
            found.append("<img> without alt")
        if tag == "th" and "scope" not in attrs:
            found.append("<th> without scope")
    return found


def _forms(page: _Page) -> list[str]:
    labelled = {attrs.get("for") for tag, attrs in page.tags if tag == "label"}
    found = []
    for at, (tag, attrs) in enumerate(page.tags):
        if tag in LABELLED and attrs.get("type") not in ("hidden", "submit", "button"):
            named = (
                attrs.get("id") in labelled
                or attrs.get("aria-label")
                or attrs.get("aria-labelledby")
                or at in page.fields_in_labels
            )
            if not named:
                found.append(f"<{tag} name={attrs.get('name')!r}> has no label")
        if tag == "form" and (attrs.get("method") or "get").lower() == "post" and not _form_has_token(page, at):
            found.append(f"form to {attrs.get('action')!r} has no CSRF token")
    found += ["a button without words" for text in page.text["button"] if not text.strip()]
    return found


def _form_has_token(page: _Page, at: int) -> bool:
    for tag, attrs in page.tags[at + 1 :]:
        if tag == "form":
            return False
        if tag == "input" and attrs.get("name") == "csrf_token" and attrs.get("value"):
            return True
    return False


def _safety(page: _Page, html: str) -> list[str]:
    found = []
    for tag, attrs in page.tags:
        found += [f"inline handler {name} on <{tag}>" for name in attrs if name.startswith("on")]
        if "style" in attrs:
            found.append(f"style attribute on <{tag}>, which the content policy refuses")
        if (
            tag in ("script", "style")
            and "src" not in attrs
            and attrs.get("type") != "application/json"
            and not attrs.get("nonce")
        ):
            found.append(f"inline <{tag}> without a nonce")
        for name in ("src", "href", "action"):
            value = attrs.get(name) or ""
            if OUTSIDE.match(value) and tag != "a":
                found.append(f"<{tag} {name}={value!r}> reaches an outside host")
            if value.lower().startswith("javascript:"):
                found.append(f"script address on <{tag}>")
    if "{{" in html or "{%" in html:
        found.append("template marks in the page")
    return found
