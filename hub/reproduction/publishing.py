"""Writing a reproduction: data file, figure and page in one folder."""

from __future__ import annotations

from pathlib import Path

from hub.errors import UsageError
from hub.files import write_atomically
from hub.reproduction.declared import Declared
from hub.reproduction.figure import figure
from hub.reproduction.judging import judged
from hub.reproduction.models import ReproductionDocument
from hub.reproduction.page import page
from hub.results.files import canonical_bytes, read_document

PAGE_FILE = "README.md"


def read_data(paper: str, budget: str, folder: Path) -> ReproductionDocument:
    """Read the data file of a budget.

    Raises:
        UsageError: there is none, or it is another paper's or budget's.
        DamagedFile: it cannot be read.
    """
    file = folder / f"{budget}.json"
    document = read_document(file, ReproductionDocument, file.name)
    if (document.paper, document.budget) != (paper, budget):
        raise UsageError(
            f"{file} is of paper {document.paper}, budget {document.budget}; choose another --out for {paper}, budget {budget}"
        )
    return document


def publish(declared: Declared, document: ReproductionDocument, folder: Path) -> ReproductionDocument:
    """Judge the claims, write the budget's data file and figure and the page of all budgets in `folder`; return the document written.

    What is written depends on the document, the other budgets' data files and the plugin's texts, and on nothing else.

    Raises:
        MissingExtra: matplotlib is not installed.
        UsageError: the folder holds another paper's data.
        DamagedFile: another budget's data file cannot be read.
        HubError: the folder cannot be written.
    """
    written = judged(document, declared.reproduction)
    write_atomically(folder / f"{written.budget}.json", canonical_bytes(written))
    write_atomically(folder / f"{written.budget}.svg", figure(written))
    there = [budget for budget in declared.reproduction.budgets if (folder / f"{budget}.json").exists()]
    documents = [judged(read_data(declared.paper.name, budget, folder), declared.reproduction) for budget in there]
    write_atomically(folder / PAGE_FILE, page(declared.paper, declared.reproduction, documents))
    return written
