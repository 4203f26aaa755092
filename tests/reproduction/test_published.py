"""Each page under reproductions/ says what the data files beside it say, and nothing else."""

from pathlib import Path

import pytest

from hub.reproduction.declared import find_reproduction
from hub.reproduction.page import page
from hub.reproduction.publishing import PAGE_FILE, read_data

FOLDERS = sorted((Path(__file__).parents[2] / "reproductions").iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_page_is_made_from_its_data(folder):
    declared = find_reproduction(folder.name)
    there = [budget for budget in declared.reproduction.budgets if (folder / f"{budget}.json").exists()]
    documents = [read_data(folder.name, budget, folder) for budget in there]
    assert documents
    assert (folder / PAGE_FILE).read_text() == page(declared.paper, declared.reproduction, documents)
