"""The file in which the base of a snapshot is cached: it spares a process that starts the reading of all vectors.

    stamp (a line of JSON) · digests of the passages' texts · faiss index

It is written under another name, fsynced and renamed, so there is never half of one. Of a file that disagrees with its
stamp, or with the texts that the catalogue has under the same ids, nothing is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from index.snapshot import MOST_CHANGES, Ids, Moment, Part, Snapshot, faiss, is_among
from kb.catalogue import Passages
from kb.durable import replacing

Digests = npt.NDArray[np.uint64]


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

    def write(self, snapshot: Snapshot) -> None:
        """Write the base of a snapshot to the cache file, unless it is there."""
        if not snapshot.base:
            self._file.unlink(missing_ok=True)
            return
        (base,) = snapshot.base
        stamp = _read_stamp(self._file)
        if stamp is not None and self._is_ours(stamp, snapshot.moment) and self._kept is base:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.glob("dense-*"):
            if old != self._file:
                old.unlink(missing_ok=True)
        ids, digests = self._passages.digests()
        texts = np.zeros(len(base.ids), dtype=np.uint64)
        here = is_among(base.ids, ids)  # those that are gone by now are not compared when the file is read
        texts[here] = digests[np.searchsorted(ids, base.ids[here])]
        _write(self._file, base, texts, snapshot.moment, self._fingerprint)
        self._kept = base

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
    """SHA-256 of the count and of what follows the stamp: digests of the passages' texts, then the faiss index."""


@dataclass(frozen=True, slots=True)
class _Content:
    """The content of a cache file."""

    stamp: _Stamp
    base: Part
    digests: Digests
    """Of the text of each passage, in the order of the ids."""


def _write(file: Path, base: Part, digests: Digests, moment: Moment, fingerprint: str) -> None:
    """Write a base to a cache file."""
    content = digests.astype("<u8").tobytes() + faiss().serialize_index(base.index).tobytes()
    stamp = _Stamp(
        generation=moment.generation,
        revision=moment.revision,
        fingerprint=fingerprint,
        dimension=base.index.d,
        count=len(base.ids),
        last=int(base.ids[-1]),
        checksum=_checksum(len(base.ids), content),
    )
    with replacing(file) as stream:
        stream.write(json.dumps(asdict(stamp)).encode() + b"\n")
        stream.write(content)


def _read_stamp(file: Path) -> _Stamp | None:
    """The stamp of a cache file; None when there is none."""
    try:
        with file.open("rb") as stream:
            return _parse_stamp(stream)
    except (OSError, ValueError, TypeError):
        return None


def _parse_stamp(stream: BinaryIO) -> _Stamp:
    """The stamp on the first line. Raises ValueError or TypeError where that is none."""
    return _Stamp(**json.loads(stream.readline(4096)))


def _read(file: Path) -> _Content | None:
    """The content of a cache file; None when there is none or it does not agree with its stamp."""
    try:
        with file.open("rb") as stream:
            stamp = _parse_stamp(stream)
            content = stream.read()
    except (OSError, ValueError, TypeError):
        return None
    if _checksum(stamp.count, content) != stamp.checksum:
        return None
    digests = np.frombuffer(content, dtype="<u8", count=stamp.count).astype(np.uint64)
    index: Any = faiss().deserialize_index(np.frombuffer(content, dtype=np.uint8, offset=8 * stamp.count))
    ids: Ids = faiss().vector_to_array(index.id_map)
    if len(ids) != stamp.count or index.d != stamp.dimension or ids[-1] != stamp.last:
        return None
    return _Content(stamp, Part(ids, index), digests)


def _checksum(count: int, content: bytes) -> str:
    digest = hashlib.sha256(f"{count}\n".encode())
    digest.update(content)
    return digest.hexdigest()
