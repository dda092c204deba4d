"""Settings come from a file and the environment, and none is silently wrong."""

from dataclasses import fields

import pytest

from manufold.model.errors import InputFault
from manufold.settings import Settings, default_home

NUMBERS = [f.name for f in fields(Settings) if isinstance(f.default, int | float)]


def test_defaults_without_a_file(tmp_path):
    """A home without settings has the defaults."""
    assert Settings.read(tmp_path, {}) == Settings()


def test_the_environment_wins(tmp_path):
    """The file changes defaults, the environment changes the file; others stay."""
    (tmp_path / "settings.toml").write_text('hold_s = 60\nlanguage = "zh"\nlane_p90_factor = 2\n')
    found = Settings.read(
        tmp_path, {"MANUFOLD_HOLD_S": "90", "MANUFOLD_HOME": "/else", "HOLD_S": "1"}
    )
    assert found == Settings(hold_s=90, language="zh", lane_p90_factor=2.0)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e30", "9" * 30, "", "ten", "0x10"])
def test_no_number_out_of_place(tmp_path, name, value):
    """No number is taken that arithmetic on instants, or sense, cannot bear."""
    if name == "twin_seed" and value in ("0", "-1", "9" * 30):
        assert Settings.read(tmp_path, {"MANUFOLD_TWIN_SEED": value}).twin_seed == int(value)
        return
    if name.startswith("weigh_") and value == "0":  # what counts for nothing
        assert getattr(Settings.read(tmp_path, {f"MANUFOLD_{name.upper()}": "0"}), name) == 0
        return
    with pytest.raises(InputFault) as refused:
        Settings.read(tmp_path, {f"MANUFOLD_{name.upper()}": value})
    assert refused.value.params["setting"] == name


def test_unknown_names_in_the_file(tmp_path):
    """A misspelt name is refused with the names there are."""
    (tmp_path / "settings.toml").write_text("hold_seconds = 60\n")
    with pytest.raises(InputFault) as refused:
        Settings.read(tmp_path, {})
    assert refused.value.code == "settings.unknown"
    assert "hold_s" in str(refused.value.params["known"])


@pytest.mark.parametrize("content", [b"hold_s = ", b"\xff\xfe", b"hold_s = [1]", b"hold_s = 1.5"])
def test_files_that_cannot_be_read(tmp_path, content):
    """Bytes that are no TOML, and values of another type, are refused."""
    (tmp_path / "settings.toml").write_bytes(content)
    with pytest.raises(InputFault) as refused:
        Settings.read(tmp_path, {})
    assert refused.value.code == "settings.malformed"


def test_the_default_home(monkeypatch, tmp_path):
    """MANUFOLD_HOME, else a folder of the user's; an empty value is as none."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_home({"MANUFOLD_HOME": "/somewhere"}).as_posix() == "/somewhere"
    assert default_home({}) == default_home({"MANUFOLD_HOME": ""}) == tmp_path / ".manufold"
