"""The reference of the settings is complete and up to date."""

from __future__ import annotations

from pathlib import Path

from components.settings.reference import reference

ROOT = Path(__file__).parents[3]


def test_the_committed_reference_is_the_one_the_models_give() -> None:
    committed = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert committed == reference(), "run `make docs`"


def test_every_setting_has_its_row_with_type_default_and_text() -> None:
    rows = reference().splitlines()
    assert "| `cloud.region` | string | required | " in "\n".join(rows)
    assert any(row.startswith("| `node_pools.<name>.ocpus` | integer, from 1 |") for row in rows)
    assert any(row.startswith("| `protection` | `on` or `off` | `on` |") for row in rows)
    assert any("`openedx.uwsgi_workers`" in row and "or `auto`" in row for row in rows)
    assert any("kube_reserved.cpu_millicores`" in row and "| `500` |" in row for row in rows)
    cells = [row.strip("| ").split(" | ") for row in rows if row.startswith("| `")]
    assert len(cells) > 40
    assert [row for row in cells if len(row) != 4 or len(row[3]) < 6] == []
