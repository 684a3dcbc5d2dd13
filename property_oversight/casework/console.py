"""What the commands of the contract share: refusals in Chinese, exit codes, a progress bar."""

import sys
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from tqdm import tqdm

from complaints.classification import NoModel
from complaints.tables import Refusal, UnreadableFile
from ml.train import UnusableCorpus

T = TypeVar("T")

ALL_IN, SOME_REFUSED, NOTHING_DONE = 0, 1, 2
_SHOWN = 50


class OfficeCommand(BaseCommand):
    """Exit 0 when all went in, 1 when some rows were refused, 2 when nothing could be done."""

    @abstractmethod
    def run(self, *args: Any, **options: Any) -> int:
        """Do it; return the exit code."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = self.run(**options)
        except (UnreadableFile, UnusableCorpus, NoModel) as error:
            self.stderr.write(str(error))
            code = NOTHING_DONE
        except ValidationError as error:
            self.stderr.write("；".join(error.messages))
            code = NOTHING_DONE
        except OSError as error:
            self.stderr.write(f"{error.filename or ''} 无法读写：{error.strerror}")
            code = NOTHING_DONE
        if code != ALL_IN:
            sys.exit(code)

    def tell_refusals(self, refusals: Sequence[Refusal], unknown: Sequence[str]) -> int:
        """Say what stayed out and what was not asked for; return the exit code."""
        if unknown:
            self.stderr.write(f"未使用的列：{'、'.join(unknown)}")
        for refusal in refusals[:_SHOWN]:
            self.stderr.write(str(refusal))
        if len(refusals) > _SHOWN:
            self.stderr.write(f"……另有 {len(refusals) - _SHOWN} 行被拒收")
        return SOME_REFUSED if refusals else ALL_IN


def bar(steps: Iterable[T], name: str = "") -> Iterable[T]:
    """A progress bar on a terminal, nothing elsewhere."""
    return tqdm(steps, desc=name or None, disable=None, leave=False)
