"""A model and its papers: what is saved is what is loaded, and nothing foreign is run."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from ml import artifact

TEXTS = ["电梯困人没人管", "物业费太贵", "垃圾没人扫", "公交车不准点", ""]


class Foreign:
    """Anything that is not ours."""

    def __init__(self) -> None:
        self.name = "foreign"


@pytest.fixture
def folder(small_model, tmp_path) -> Path:
    """A copy of the small model that a test may spoil."""
    model, manifest = artifact.load(small_model)
    artifact.save(model, manifest, tmp_path / "model", "# 卡片\n")
    return tmp_path / "model"


def test_what_is_loaded_reads_as_what_was_saved(small_model, folder):
    first, _manifest = artifact.load(small_model)
    again, _manifest = artifact.load(folder)
    assert np.array_equal(first.predict_proba(TEXTS), again.predict_proba(TEXTS))
    assert first.read(TEXTS) == again.read(TEXTS)
    assert first.get_params() == again.get_params()


def test_the_manifest_comes_back_as_it_was(small_model, folder, small_corpus):
    manifest = artifact.read_manifest(folder)
    assert manifest == artifact.read_manifest(small_model)
    assert manifest.rows == len(small_corpus)
    assert manifest.classes == sorted(set(small_corpus.labels))
    assert manifest.version.startswith(manifest.data_hash[:12])
    assert manifest.version.endswith(manifest.sklearn)


def test_the_card_lies_beside_the_model(folder):
    assert (folder / artifact.CARD).read_text(encoding="utf-8") == "# 卡片\n"


def test_the_papers_are_readable_by_people(folder):
    text = (folder / artifact.MANIFEST).read_text(encoding="utf-8")
    assert json.loads(text) == asdict(artifact.read_manifest(folder))
    assert text.count("\n") > 5


@pytest.mark.parametrize("lost", [artifact.MANIFEST, artifact.MODEL])
def test_half_a_model_is_none(folder, lost):
    (folder / lost).unlink()
    with pytest.raises(FileNotFoundError):
        artifact.load(folder)


def test_an_empty_folder_has_no_manifest(tmp_path):
    assert artifact.read_manifest(tmp_path) is None
    assert artifact.read_manifest(tmp_path / "nowhere") is None


def test_a_save_that_breaks_off_leaves_no_model(folder):
    model, manifest = artifact.load(folder)
    (folder / artifact.CARD).unlink()
    (folder / artifact.CARD).mkdir()  # the card cannot be written
    with pytest.raises(OSError, match=artifact.CARD):
        artifact.save(model, manifest, folder, "")
    assert artifact.read_manifest(folder) is None


def test_a_model_of_another_scikit_learn_is_refused(folder):
    model, manifest = artifact.load(folder)
    artifact.save(model, replace(manifest, sklearn="0.1"), folder, "")
    with pytest.raises(ValueError, match=r"0\.1"):
        artifact.load(folder)


def test_a_foreign_type_is_not_run(folder):
    skops.io.dump(Foreign(), folder / artifact.MODEL)
    with pytest.raises(UntrustedTypesFoundException, match="Foreign"):
        artifact.load(folder)


def test_a_foreign_type_inside_our_own_is_not_run(folder):
    model, manifest = artifact.load(folder)
    artifact.save(model.set_params(strength=Foreign()), manifest, folder, "")
    with pytest.raises(UntrustedTypesFoundException, match="Foreign"):
        artifact.load(folder)


@pytest.mark.parametrize(
    "other",
    [
        [("电梯坏了", "lift")],
        [("电梯坏了", "lift"), ("物业费太贵", "lift")],
        [("物业费太贵", "fees"), ("电梯坏了", "lift")],
        [("电梯坏了lift", ""), ("物业费太贵", "fees")],
    ],
)
def test_other_data_have_another_hash(other):
    rows = [("电梯坏了", "lift"), ("物业费太贵", "fees")]
    assert artifact.data_hash(rows) == artifact.data_hash(list(rows))
    assert artifact.data_hash(other) != artifact.data_hash(rows)


def test_a_damaged_model_is_refused_with_a_reason(small_model, tmp_path):
    import shutil

    folder = tmp_path / "damaged"
    shutil.copytree(small_model, folder)
    (folder / artifact.MODEL).write_bytes(b"not a zip")
    with pytest.raises(ValueError, match=r"model\.skops"):
        artifact.load(folder)
    (folder / artifact.MANIFEST).write_text('{"colour": "blue"}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"manifest\.json"):
        artifact.load(folder)


def test_wherever_the_damage_lies_it_is_a_refusal(small_model, tmp_path):
    import random
    import shutil

    folder, chance = tmp_path / "damaged", random.Random(1)
    shutil.copytree(small_model, folder)
    whole = (folder / artifact.MODEL).read_bytes()
    refused = 0
    for _ in range(60):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (folder / artifact.MODEL).write_bytes(content)
        try:
            artifact.load(folder)
        except (OSError, ValueError):
            refused += 1
    assert refused > 50  # a bit of a time stamp does no harm
