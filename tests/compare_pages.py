"""Compare the time of a results page in two versions of kb, each with a home of its own made of the same files.

    python -m tests.compare_pages OLD_HOME OLD_CODE NEW_HOME [--goal 1.4]

OLD_CODE is the folder of the older version's source. The versions take turns, each in a process of its own with the same
questions. Two figures: a page asked for again (its query vector is known, as when somebody pages back), and a page asked for
the first time. Exit code 1 when the first is not `--goal` times faster.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

import click

ROUNDS = 5

MEASURE = """
import json, statistics, sys, time
from pathlib import Path
from kb.bootstrap import open_knowledge_base
from kb.settings import Settings
from web import create_app

questions = [line.split("\\t")[3] for line in Path(sys.argv[2]).read_text("utf-8").splitlines() if line.count("\\t") > 3]
client = create_app(open_knowledge_base(Settings(Path(sys.argv[1])))).test_client()

def ask(question):
    began = time.perf_counter()
    assert client.get("/", query_string={"q": question}).status_code == 200
    return time.perf_counter() - began

warm, fresh = questions[:20], questions[20:]
for question in warm:
    ask(question)
first = [ask(question) for question in fresh]
again = [min(ask(question) for _ in range(5)) for question in warm]
print(json.dumps([statistics.mean(again), statistics.median(first)]))
"""
QUESTIONS = Path(__file__).parent / "judged" / "answers-demonstration.tsv"


def measure(home: Path, code: Path) -> list[float]:
    """Seconds of a page asked for again, and of one asked for the first time."""
    environment = {**os.environ, "PYTHONPATH": str(code)}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(home), str(QUESTIONS)],
        env=environment,
        cwd=code,
        capture_output=True,
        text=True,
        check=True,
    )
    again, first = done.stdout.strip().splitlines()[-1].strip("[]").split(",")
    return [float(again), float(first)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old_home", type=Path)
    parser.add_argument("old_code", type=Path)
    parser.add_argument("new_home", type=Path)
    parser.add_argument("--goal", type=float, default=1.4)
    options = parser.parse_args()
    here = Path(__file__).parents[1]
    rounds = [
        (measure(options.old_home, options.old_code.resolve()), measure(options.new_home, here)) for _ in range(ROUNDS)
    ]
    met = True
    for place, name in enumerate(("asked for again", "asked for the first time")):
        old, new = (statistics.median(pair[version][place] for pair in rounds) * 1000 for version in (0, 1))
        ratio = statistics.median(pair[0][place] / pair[1][place] for pair in rounds)
        click.echo(f"results page, {name}: {old:.1f} ms before, {new:.1f} ms now: {ratio:.2f} times faster")
        met = met and (place > 0 or ratio >= options.goal)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
