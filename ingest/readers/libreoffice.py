"""Files of before 2007 and OpenDocuments, converted by LibreOffice when it is installed.

    .ppt .odp ─► soffice --convert-to pptx ─► the reader of PPTX
    .doc .odt ─► soffice --convert-to docx ─► the reader of DOCX

LibreOffice runs in a folder of its own, without the user's profile, inside the limits of the worker that reads the file.
It runs no macro of a document that it converts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ingest.readers.failures import brief
from kb.errors import UnreadableDocument

TARGETS = {".ppt": "pptx", ".odp": "pptx", ".doc": "docx", ".odt": "docx"}
MEDIA_TYPES = {
    ".ppt": "application/vnd.ms-powerpoint",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".doc": "application/msword",
    ".odt": "application/vnd.oasis.opendocument.text",
}
SECONDS = 50.0


def program() -> str | None:
    """Where LibreOffice is installed; None when it is not."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(data: bytes, filename: str, ending: str) -> bytes:
    """A file in the format that kb reads. Raises UnreadableDocument when LibreOffice makes nothing of it."""
    target = TARGETS[ending]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / f"in{ending}").write_bytes(data)
        command = [
            program() or "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless", "--norestore", "--convert-to", target, "--outdir", name, f"in{ending}",
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 - the program that the system has, on a file of a name of ours
                command, cwd=name, env={**os.environ, "HOME": name}, capture_output=True, timeout=SECONDS, check=False
            )
            return (folder / f"in.{target}").read_bytes()
        except FileNotFoundError as error:
            reason = f"exit {done.returncode}"
            raise UnreadableDocument("not-converted", filename=filename, cause=reason) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnreadableDocument("not-converted", filename=filename, cause=brief(error)) from error
