"""The peer: Splink's own blocking, comparisons and EM on the same students. Run with a Python that has splink.

python splink_match.py STUDENTS.jsonl

The last line it prints is JSON. Training, prediction and one clustering are in its seconds; looking for the best threshold is not.
"""

import json
import resource
import sys
import time

import duckdb  # type: ignore[import-not-found]
import splink.comparison_library as cl  # type: ignore[import-not-found]
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.01, 0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999)

connection = duckdb.connect()
connection.execute("SET threads = 2").fetchall()
connection.execute(
    f"""CREATE TABLE students AS SELECT row_number() OVER () AS unique_id, nullif(line, '') AS line, nullif(unit, '') AS unit,
    nullif(zip, '') AS zip, nullif(lower(guardian), '') AS guardian, lower(string_split(guardian, ' ')[-1]) AS guardian_last,
    CASE WHEN len(phones) > 0 THEN phones END AS phones, phones[1] AS phone, nullif(email, '') AS email,
    lower(surnames[1]) AS surname, string_split(lower(surnames[1]), ' ') AS surname_parts, births[1] AS birth, family
    FROM read_json('{sys.argv[1]}', format = 'newline_delimited', columns = {{line: 'VARCHAR', unit: 'VARCHAR', zip: 'VARCHAR',
    guardian: 'VARCHAR', phones: 'VARCHAR[]', email: 'VARCHAR', surnames: 'VARCHAR[]', births: 'VARCHAR[]', family: 'BIGINT'}})"""
).fetchall()
# Fillers and phones that hundreds share are taken out, as anybody would who looked at the data.
connection.execute(
    """UPDATE students SET email = NULL WHERE email = 'none@none.com';
CREATE TABLE busy AS SELECT list(number) AS numbers FROM
      (SELECT number FROM (SELECT unnest(phones) AS number FROM students) GROUP BY number HAVING count(*) > 30);
    UPDATE students SET phones = list_filter(phones, lambda number: NOT list_contains(numbers, number)) FROM busy;
    UPDATE students SET phones = NULL WHERE len(phones) = 0;
    UPDATE students SET phone = phones[1]"""
).fetchall()

began = time.perf_counter()
rules = [
    block_on("line", "unit"),
    block_on("line", "surname"),
    block_on("line", "guardian"),
    block_on("guardian", "zip"),
    block_on("email"),
    block_on("phones", arrays_to_explode=["phones"]),
]
settings = SettingsCreator(
    link_type="dedupe_only",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        cl.DamerauLevenshteinAtThresholds("line", [1, 3]),
        cl.LevenshteinAtThresholds("unit", [2]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("zip"),
        cl.JaroWinklerAtThresholds("guardian", [0.95, 0.88]).configure(term_frequency_adjustments=True),
        cl.ArrayIntersectAtSizes("phones", [2, 1]),
        cl.ExactMatch("email"),
        cl.ArrayIntersectAtSizes("surname_parts", [2, 1]),
        cl.ExactMatch("birth"),
    ],
)
api = DuckDBAPI(connection)
students = api.register("students") if hasattr(api, "register") else "students"
linker = Linker(students, settings)
linker.training.estimate_probability_two_random_records_match(
    [block_on("line", "unit", "guardian"), block_on("guardian", "phone")], recall=0.8
)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=7)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("line"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("guardian", "zip"))
training = time.perf_counter() - began
predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
predicting = time.perf_counter() - began

best = (0.0, 0.0, 0.0, 0.0, 0.0)
real = connection.execute(
    "SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM students GROUP BY family)"
).fetchone()[0]
for threshold in THRESHOLDS:
    clustering = time.perf_counter()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=threshold
    )
    clustering = time.perf_counter() - clustering
    right, made = (
        connection.execute(
            f"SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM {clusters.physical_name} JOIN students USING (unique_id) GROUP BY {by})"
        ).fetchone()[0]
        for by in ("cluster_id, students.family", "cluster_id")
    )
    recall, precision = right / real, right / max(1, made)
    f1 = 2 * recall * precision / max(1e-9, recall + precision)
    print(threshold, round(recall, 4), round(precision, 4), file=sys.stderr)
    best = max(best, (f1, threshold, recall, precision, clustering))
print(
    json.dumps(
        {
            "threshold": best[1],
            "recall": best[2],
            "precision": best[3],
            "seconds": predicting + best[4],
            "training": training,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
