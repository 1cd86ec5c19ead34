"""Every setting is strict, frozen and described where it is defined."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.settings.platform import PlatformSettings
from components.settings.spec import Spec
from tests.components.settings.stack import loaded, said


def models(base: type[Spec] = Spec) -> list[type[Spec]]:
    return [found for model in base.__subclasses__() for found in (model, *models(model))]


def test_all_models_are_found() -> None:
    assert PlatformSettings in models()
    assert len(models()) >= 9


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_setting_says_what_it_is(model: type[Spec]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []
    assert model.__doc__


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_model_is_closed_strict_and_frozen(model: type[Spec]) -> None:
    config = model.model_config
    assert (config["extra"], config["strict"], config["frozen"]) == ("forbid", True, True)


def test_loaded_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        loaded(said()).cluster.kubernetes = "1.35.0"
