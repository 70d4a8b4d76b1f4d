"""The peer: django-import-export taking new students into a table that holds as many. Run with a Python that has django and django-import-export.

python django_import.py FILE ROWS (rows | bulk)     prints seconds as JSON: its dry run, which shows what would change, then the import

`rows` is the library as it comes, with the differences of each row and unchanged rows skipped; `bulk` writes a thousand rows at once
and shows no differences, which is the fastest its documentation offers. One flat table: no households, no matching, no placing.
"""

import csv
import json
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import django  # type: ignore[import-not-found]
from django.conf import settings  # type: ignore[import-not-found]

file, rows, way = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
folder = tempfile.TemporaryDirectory()
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.admin", "import_export"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder.name}/peer.sqlite"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

import tablib  # type: ignore[import-not-found]  # noqa: E402 - Django must be set up first
from django.db import connection, models, transaction  # type: ignore[import-not-found]  # noqa: E402
from import_export import resources  # type: ignore[import-untyped]  # noqa: E402

with file.open(encoding="utf-8", newline="") as lines:
    headings, *cells = islice(csv.reader(lines), rows + 1)
KEY = headings.index("cps_student_id")
OTHER_IDS = str.maketrans("789", "123")  # the file's begin with 7, 8 or 9


class Student(models.Model):  # type: ignore[misc]
    cps_student_id = models.CharField(max_length=8, unique=True)
    for heading in headings:
        if heading != "cps_student_id":
            locals()[heading] = models.TextField(blank=True)

    class Meta:
        app_label = "import_export"  # an installed one: the bulk way asks for it


class StudentResource(resources.ModelResource):  # type: ignore[misc]
    class Meta:
        model = Student
        import_id_fields = ("cps_student_id",)
        fields = tuple(headings)
        skip_unchanged = True
        report_skipped = True
        use_bulk = way == "bulk"
        skip_diff = way == "bulk"
        batch_size = 1000


def held() -> None:
    """As many students as will come, under other IDs."""
    with transaction.atomic():
        Student.objects.bulk_create(
            (
                Student(
                    **{
                        **dict(zip(headings, row, strict=True)),
                        "cps_student_id": row[KEY][0].translate(OTHER_IDS) + row[KEY][1:],
                    }
                )
                for row in cells
            ),
            batch_size=1000,
        )


def timed(*, dry_run: bool) -> float:
    data = tablib.Dataset(*cells, headers=headings)
    began = time.perf_counter()
    result = StudentResource().import_data(data, dry_run=dry_run, use_transactions=True, raise_errors=True)
    seconds = time.perf_counter() - began
    assert result.totals["new"] == len(cells), result.totals
    return seconds


with connection.schema_editor() as editor:
    editor.create_model(Student)
held()
taken = {"dry run": timed(dry_run=True), "import": timed(dry_run=False)}
assert Student.objects.count() == 2 * len(cells)
print(json.dumps(taken))
folder.cleanup()
