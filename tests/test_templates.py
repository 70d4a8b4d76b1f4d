"""Templates: each parses, uses what it imports, is translatable, and carries no address of an outside host."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

FOLDER = Path("templates")
TEMPLATES = sorted(FOLDER.rglob("*.html"))
ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
# Words between tags that are the same in every language.
SAME_EVERYWHERE = {"CSV", "Mbps", "PDF", "error", "hint"}  # the last two: parts of ids that a macro puts together


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_template_parses_and_uses_every_macro_it_imports(path: Path) -> None:
    tree = ENVIRONMENT.parse(path.read_text())
    used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    imported = {
        name if isinstance(name, str) else name[1]
        for statement in tree.find_all(nodes.FromImport)
        for name in statement.names
    }
    assert imported - used == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_every_word_on_a_page_can_be_translated(path: Path) -> None:
    source = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}", "", path.read_text(), flags=re.DOTALL)
    source = re.sub(r"<!--.*?-->|<(script|style|code)\b.*?</\1>|<[^<>]*>|&\w+;|&#\d+;", "\n", source, flags=re.DOTALL)
    left = [word for word in re.findall(r"[^\W\d_]{2,}", source) if word not in SAME_EVERYWHERE]
    assert left == []


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_no_template_reaches_an_outside_host_or_writes_inline_style(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", text) == []
    assert re.findall(r"\sstyle=|\son[a-z]+=[\"']", text) == []


def test_every_template_is_named_somewhere() -> None:
    """A page nobody renders is a page nobody tests."""
    text = "\n".join(
        path.read_text()
        for folder in ("connectivity", "templates")
        for path in Path(folder).rglob("*.*")
        if path.suffix in (".py", ".html")
    )
    errors = {path for path in TEMPLATES if path.parent.name == "errors"}  # rendered by number
    unnamed = [
        str(path)
        for path in TEMPLATES
        if path not in errors and str(path.relative_to(FOLDER)) not in text and f'"{path.stem}"' not in text
    ]
    assert unnamed == []
