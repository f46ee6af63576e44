"""Write a folder whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prioritering.errors import CaseError

RESULTS_FILE = "results.json"


@contextmanager
def whole_folder(target: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside ``target`` that takes its name when all went well.

    When anything fails inside, nothing made here is left and ``target`` is as it was. A link is
    followed: what it points to is made or replaced, the link stays.

    Parameters
    ----------
    target
        Folder to be made; its parents are made too.
    overwrite
        Replace the results of an earlier run. Only a folder that holds ``results.json`` is.

    Raises
    ------
    CaseError
        A target that may not be replaced.
    OSError
        A place that cannot be written to.
    """
    final = Path(os.path.realpath(target))
    _check(final, overwrite=overwrite)
    with _parents(final), _beside(final) as work:
        folder = work / "new"
        folder.mkdir()
        yield folder
        if final.exists():
            final.replace(work / "old")
        folder.replace(final)


@contextmanager
def _parents(final: Path) -> Iterator[None]:
    """Make the folders above; when anything fails inside, take away those that were made."""
    missing = [folder for folder in final.parents if not folder.exists()]
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def _beside(final: Path) -> Iterator[Path]:
    """Temporary folder; when anything fails inside, what was moved to ``old`` is put back."""
    work = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    try:
        yield work
    except BaseException:
        if (work / "old").exists() and not final.exists():
            (work / "old").replace(final)
        raise
    finally:
        shutil.rmtree(work)


def _check(final: Path, *, overwrite: bool) -> None:
    if not final.exists() or (final.is_dir() and not any(final.iterdir())):
        return
    earlier = final.is_dir() and (final / RESULTS_FILE).is_file()
    if earlier and overwrite:
        return
    raise CaseError(
        "the output folder is in use",
        expected="a folder that is new or empty",
        found=f"{final} with results of an earlier run" if earlier else str(final),
        remedy="Use --overwrite to replace them, or choose another folder with --out."
        if earlier
        else "Choose another folder with --out.",
    )
