"""Write a folder whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prioritering.errors import CaseError

RESULTS_FILE = "results.json"


@contextmanager
def whole_folder(target: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside ``target`` that takes its name when all went well.

    When anything fails inside, the temporary folder is removed and ``target`` is as it was.

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
    final = Path(target).absolute()
    _check(final, overwrite=overwrite)
    final.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    try:
        folder = work / "new"
        folder.mkdir()
        yield folder
        if final.exists():
            final.replace(work / "old")
        folder.replace(final)
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
