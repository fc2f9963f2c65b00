"""A list file enriched: CSV, packed CSV or Parquet in and out, in bounded memory, resumable.

OUT is whole or absent: rows go to `OUT.partial` (Parquet: `OUT.parts/`), and after each chunk that
is safe on the disk `OUT.progress.json` says how far that is. The same job started again goes on
from there. Rows that cannot be told apart into cells go to `OUT.rejects`.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from rules.gateways.list_errors import ListRefused
from rules.gateways.list_sinks import FIRST_PART, CsvSink, ParquetSink, clear_parts, open_cut, sync
from rules.gateways.list_sources import CsvSource, ParquetSource
from rules.gateways.list_state import Progress, digest, fingerprint, merge
from rules.tables import manifest
from rules.telecom.frames import Enricher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from rules.gateways.list_sources import Piece, Source
    from rules.services.telecom import LiveNumbers
    from rules.telecom import LiveAnswer, Lookup
    from rules.telecom.enrich import Wanted

__all__ = ["BATCH_ROWS", "Job", "Live", "Seen", "enrich_file"]

BATCH_ROWS = 500_000
_ENDINGS = (".csv", ".csv.gz", ".parquet")
_LIVE_SECONDS = 5.0
"""How long a live source may take over a number of a list."""


class Seen(NamedTuple):
    """How far a job is: bytes of the input read and in all, rows done."""

    done: int
    total: int
    rows: int


class Live:
    """Asks an account's live source about the numbers of a list, with at most `left` questions."""

    def __init__(self, numbers: LiveNumbers, wanted: Wanted, account: str, most: int) -> None:
        self._numbers, self._settings, self._account = numbers, wanted.settings, account
        self._asked, self._spent = numbers.asked, numbers.spent
        self._most = most

    @property
    def left(self) -> int:
        """How many more questions may be asked."""
        return self._most - self.asked

    @property
    def asked(self) -> int:
        """Questions of this list."""
        return self._numbers.asked - self._asked

    @property
    def spent(self) -> Decimal:
        """What they cost."""
        return self._numbers.spent - self._spent

    def __call__(self, found: Lookup) -> LiveAnswer | None:
        """A fresh answer; `None`: the tables hold."""
        if self.left <= 0:
            return None
        return self._numbers.ask(
            found, self._settings, account=self._account, timeout=_LIVE_SECONDS
        )


@dataclass(frozen=True)
class Job:
    """One list, what its rows get, and where they go."""

    source: Path
    target: Path
    wanted: Wanted
    delimiter: str | None = None
    encoding: str | None = None
    batch_rows: int = BATCH_ROWS
    overwrite: bool = False
    restart: bool = False
    live: Live | None = None
    see: Callable[[Seen], None] = field(default=lambda _: None)
    is_stopped: Callable[[], bool] = field(default=lambda: False)

    def beside(self, ending: str) -> Path:
        """A file that belongs to the output."""
        return self.target.with_name(f"{self.target.name}.{ending}")

    def marks(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        wanted, settings = self.wanted, self.wanted.settings
        options = {
            **{name: getattr(wanted, name) for name in wanted.__dataclass_fields__},
            "settings": {
                **{name: getattr(settings, name) for name in settings.__dataclass_fields__},
                "overrides": settings.overrides.digest(),
            },
            "form": (self.delimiter, self.encoding, self.batch_rows, self.source.suffixes),
        }
        return {
            "the input": fingerprint(self.source),
            "the options": digest(options),
            "the data": digest(manifest()),
        }


def enrich_file(job: Job) -> Progress:
    """Do the job, or go on with it; `whole` of what comes back is false when it was stopped.

    Raises `ListRefused` and `BadColumns` before anything is begun, `CannotResume`, `ListFault`, and
    `OSError` when the disk fails; what is saved stays valid.
    """
    if job.restart:
        _forget(job)
    if not job.target.name.endswith(_ENDINGS):
        raise ListRefused(f"{job.target.name}: the name must end in {', '.join(_ENDINGS)}")
    if job.source.resolve() == job.target.resolve():
        raise ListRefused("IN and OUT are one file")
    marks = job.marks()
    progress = Progress.load(job.beside("progress.json"), marks)
    whole = progress is not None and progress.whole
    if progress and whole and job.target.exists() and not _is_unfinished(job):
        return _tidied(job, progress)
    if job.target.exists() and not (job.overwrite or whole):
        raise ListRefused(f"{job.target.name} is there already; --overwrite replaces it")
    with ExitStack() as closing:
        run = _Run(job, marks, progress, closing)
        if not run.progress.whole:
            run.rows()
    if run.progress.whole:
        run.sink.finish(job.target)
        return _tidied(job, run.progress)
    return run.progress


def _is_unfinished(job: Job) -> bool:
    return job.beside("partial").exists() or (job.beside("parts") / FIRST_PART).exists()


def _tidied(job: Job, progress: Progress) -> Progress:
    clear_parts(job.beside("parts"))
    job.beside("progress.json").unlink(missing_ok=True)
    if not progress.rejected:
        job.beside("rejects").unlink(missing_ok=True)
    return progress


def _forget(job: Job) -> None:
    for ending in ("progress.json", "partial", "rejects"):
        job.beside(ending).unlink(missing_ok=True)
    clear_parts(job.beside("parts"))


class _Run:
    """One run of a job: from where the last one stopped to its end, or until it is stopped."""

    def __init__(
        self, job: Job, marks: Mapping[str, Any], saved: Progress | None, closing: ExitStack
    ) -> None:
        self._job, self._marks = job, marks
        self._began = time.monotonic()
        self.progress = saved or Progress()
        self._before = replace(self.progress)
        self._source = _source(job)
        closing.callback(self._source.close)
        job.wanted.check(self._source.columns)
        self._to_csv = job.target.suffix != ".parquet"
        self._source.check(as_text=self._to_csv)
        joined = self._source.joined if self._source.is_raw(job.target) else None
        self._enricher = Enricher(job.wanted, joined=joined, coded=not self._to_csv, asker=job.live)
        header = self._source.header(job.wanted.names) if self._to_csv else b""
        self._rejects = open_cut(job.beside("rejects"), self.progress.rejects)
        closing.callback(self._rejects.close)
        self.sink = self._sink()
        closing.callback(self.sink.close)
        if saved is None:
            if isinstance(self.sink, CsvSink):
                self.sink.write_header(header)
            self._save()

    def _sink(self) -> CsvSink | ParquetSink:
        if not self._to_csv:
            return ParquetSink(self._job.target, self.progress)
        return CsvSink(
            self._job.target,
            self.progress,
            delimiter=self._source.delimiter,
            line_break=self._source.line_break,
        )

    def rows(self) -> None:
        """All rows; the next chunk is worked on while the last one is written."""
        with ThreadPoolExecutor(1) as writer:
            waiting: Future[None] | None = None
            stopped = False
            raw, read = self._source.is_raw(self._job.target), self._job.wanted.read
            for piece in self._source.pieces(replace(self.progress), raw=raw, read=read):
                added = self._enricher.added(piece.looked_at)
                counts = merge(self._before.counts, self._enricher.tally())
                if waiting is not None:
                    waiting.result()
                waiting = writer.submit(self._write, piece, added, counts)
                del piece, added  # free as soon as they are written
                if stopped := self._job.is_stopped():
                    break
            if waiting is not None:
                waiting.result()
        if not (self.progress.rows or stopped or self._to_csv):
            nothing = self._source.nothing()
            self.sink.write(nothing, self._enricher.added(pl.DataFrame(nothing)))
        self.sink.close()
        self.progress.whole = not stopped
        self._save()

    def _write(self, piece: Piece, added: pl.DataFrame, counts: Any) -> None:
        if len(added):
            self.sink.write(piece.rows, added)
        for line, text in piece.rejects:
            self._rejects.write(b"%d\t%b\n" % (self.progress.line + line + 1, text))
        progress = self.progress
        progress.source = piece.end
        progress.line += piece.lines_read
        progress.rows += len(added)
        progress.rejected += len(piece.rejects)
        progress.counts = counts
        if self.sink.is_durable():
            self._save()
        self._job.see(Seen(self._source.place(), self._source.size, progress.rows))

    def _save(self) -> None:
        sync(self._rejects)
        progress = self.progress
        progress.rejects = self._rejects.tell()
        if self._job.live is not None:
            progress.questions = self._before.questions + self._job.live.asked
            progress.cost = str(Decimal(self._before.cost) + self._job.live.spent)
        progress.seconds = self._before.seconds + time.monotonic() - self._began
        self.sink.note(progress)
        progress.save(self._job.beside("progress.json"), self._marks)


def _source(job: Job) -> Source:
    """The reader of the input, by its ending."""
    name = job.source.name
    if name.endswith((".csv", ".csv.gz")):
        return CsvSource(job.source, job.encoding, job.delimiter, job.batch_rows)
    if name.endswith(".parquet"):
        return ParquetSource(job.source, job.batch_rows)
    raise ListRefused(f"{name}: the name must end in {', '.join(_ENDINGS)}")
