"""Models for the conductor's tests."""

import pytest

from ml import artifact


@pytest.fixture
def hesitant(settings, serving, tmp_path) -> None:
    """A model in use that leaves everything to a person."""
    model, manifest = artifact.load(settings.MODEL_DIR)
    folder = tmp_path / "hesitant"
    artifact.save(model.set_params(threshold=1.0), manifest, folder, "")
    settings.MODEL_DIR = folder
