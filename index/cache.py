"""The file in which the base of a snapshot is cached: it spares a process that starts the reading of all vectors.

    faiss index · ids of the passages · digests of their texts · stamp (a line of JSON)

The index comes first, so that faiss can map it: its vectors take no memory of the process, and processes share them.
The file is written under another name, fsynced and renamed, so there is never half of one, and one that is mapped never
changes. Of a file that disagrees with its stamp, or with the texts that the catalogue has under the same ids, nothing is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from index.snapshot import MOST_CHANGES, Ids, Moment, Part, Snapshot, faiss, is_among
from kb.catalogue import Passages
from kb.durable import replacing

Digests = npt.NDArray[np.uint64]

# The stamp is within so many bytes of the end of the file.
_LONGEST_STAMP = 4096
# Bytes that are read at once for a checksum.
_BLOCK = 1 << 20


class Cache:
    """The cache file of the vectors of one encoder. Not for several threads at once."""

    def __init__(self, passages: Passages, folder: Path, fingerprint: str, dimension: int) -> None:
        self._passages = passages
        self._folder = folder
        self._file = folder / f"dense-{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}.index"
        self._fingerprint = fingerprint
        self._dimension = dimension
        self._kept: Part | None = None
        """The base that the file holds, as this process knows."""

    def is_near(self, moment: Moment) -> bool:
        """Whether the cache file, by its stamp, holds all but a few of the vectors."""
        stamp = _read_stamp(self._file)
        if stamp is None or not self._is_ours(stamp, moment):
            return False
        earlier, later = self._passages.counts(stamp.last)
        return abs(stamp.count - earlier) + later <= MOST_CHANGES

    def _is_ours(self, stamp: _Stamp, moment: Moment) -> bool:
        """Whether a cache file is of this encoder, and its vectors are none that were made anew since."""
        ours = (stamp.fingerprint, stamp.dimension) == (self._fingerprint, self._dimension)
        return ours and stamp.revision == moment.revision and stamp.generation <= moment.generation

    def write(self, snapshot: Snapshot) -> Snapshot:
        """Write the base of a snapshot to the cache file, unless it is there; returns the snapshot with its base mapped."""
        if not snapshot.base:
            self._file.unlink(missing_ok=True)
            return snapshot
        (base,) = snapshot.base
        stamp = _read_stamp(self._file)
        if stamp is not None and self._is_ours(stamp, snapshot.moment) and self._kept is base:
            return snapshot
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.glob("dense-*"):
            if old != self._file:
                old.unlink(missing_ok=True)
        ids, digests = self._passages.digests()
        texts = np.zeros(len(base.ids), dtype=np.uint64)
        here = is_among(base.ids, ids)  # those that are gone by now are not compared when the file is read
        texts[here] = digests[np.searchsorted(ids, base.ids[here])]
        self._kept = _write(self._file, base, texts, snapshot.moment, self._fingerprint)
        return replace(snapshot, base=(self._kept,))

    def read(self, moment: Moment) -> Snapshot | None:
        """The snapshot in the cache file; None when there is none, or it does not agree with its stamp."""
        stamp = _read_stamp(self._file)
        if stamp is None or not self._is_ours(stamp, moment):
            return None
        cached = _read(self._file)
        if cached is None or not self._is_ours(cached.stamp, moment):
            self._refuse()
            return None
        ids, digests = self._passages.digests()
        held = cached.base.ids
        here = is_among(held, ids)
        if (digests[np.searchsorted(ids, held[here])] != cached.digests[here]).any():
            # A catalogue that was put back from a copy has given the same ids to other texts.
            self._refuse()
            return None
        self._kept = cached.base
        return Snapshot(Moment(-1, cached.stamp.revision), (cached.base,))

    def _refuse(self) -> None:
        """Delete the file, where it can be, so that the next refresh writes it."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The stamp of a cache file; the cache is used only where all of it is true."""

    generation: int
    revision: int
    fingerprint: str
    dimension: int
    count: int
    last: int
    """The highest id."""
    checksum: str
    """SHA-256 of the count and of what is before the stamp."""


@dataclass(frozen=True, slots=True)
class _Content:
    """The content of a cache file."""

    stamp: _Stamp
    base: Part
    digests: Digests
    """Of the text of each passage, in the order of the ids."""


def _write(file: Path, base: Part, digests: Digests, moment: Moment, fingerprint: str) -> Part:
    """Write a base to a cache file; returns it mapped from there."""
    with replacing(file) as stream:
        faiss().write_index(base.index, stream.name)
        stream.seek(0, os.SEEK_END)
        stream.write(base.ids.astype("<i8").tobytes() + digests.astype("<u8").tobytes())
        stamp = _Stamp(
            generation=moment.generation,
            revision=moment.revision,
            fingerprint=fingerprint,
            dimension=base.index.d,
            count=len(base.ids),
            last=int(base.ids[-1]),
            checksum=_checksum(len(base.ids), stream, stream.tell()),
        )
        stream.write(b"\n" + json.dumps(asdict(stamp)).encode())
        stream.flush()
        return Part(base.ids, _map(Path(stream.name)))


def _map(file: Path) -> Any:
    """The faiss index at the start of a file, its vectors mapped."""
    return faiss().read_index(str(file), faiss().IO_FLAG_MMAP_IFC)


def _read_stamp(file: Path) -> _Stamp | None:
    """The stamp of a cache file; None when there is none."""
    try:
        with file.open("rb") as stream:
            return _parse_stamp(stream)[0]
    except (OSError, ValueError, TypeError):
        return None


def _parse_stamp(stream: BinaryIO) -> tuple[_Stamp, int]:
    """The stamp on the last line, and the length of what is before it. Raises ValueError or TypeError where it is none."""
    end = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, end - _LONGEST_STAMP))
    *_, line = stream.read().rsplit(b"\n", 1)
    return _Stamp(**json.loads(line)), end - len(line) - 1


def _read(file: Path) -> _Content | None:
    """The content of a cache file; None when there is none or it does not agree with its stamp."""
    try:
        with file.open("rb") as stream:
            stamp, length = _parse_stamp(stream)
            if _checksum(stamp.count, stream, length) != stamp.checksum:
                return None
            index: Any = _map(file)
            if not os.path.samestat(os.fstat(stream.fileno()), file.stat()):
                return None  # another process wrote a new one meanwhile
            stream.seek(length - 16 * stamp.count)
            ids: Ids = np.frombuffer(stream.read(8 * stamp.count), dtype="<i8").astype(np.int64)
            digests = np.frombuffer(stream.read(8 * stamp.count), dtype="<u8").astype(np.uint64)
    except (OSError, ValueError, TypeError):
        return None
    if index.ntotal != stamp.count or index.d != stamp.dimension or ids[-1] != stamp.last:
        return None
    return _Content(stamp, Part(ids, index), digests)


def _checksum(count: int, stream: BinaryIO, length: int) -> str:
    """The checksum of a stamp, of the first `length` bytes of a file."""
    digest = hashlib.sha256(f"{count}\n".encode())
    stream.seek(0)
    while length > 0 and (block := stream.read(min(length, _BLOCK))):
        digest.update(block)
        length -= len(block)
    return digest.hexdigest()
