"""The command line that `harmonica run` makes."""

from pathlib import Path

import pytest

from harmonica_steps.cli import main
from harmonica_steps.launch import PROFILES, SNAKEFILE, snakemake_command, with_profiles


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)


def words(*options: str) -> list[str]:
    """The command after the name of the program."""
    command = snakemake_command([Path("a.yaml"), Path("b.yaml")], options)
    return command[command.index("--configfile") :]


def test_it_names_the_snakefile_the_configurations_the_profile_and_all_cores() -> None:
    assert SNAKEFILE.is_file()
    assert words() == [
        *("--configfile", "a.yaml", "b.yaml", "-s", str(SNAKEFILE)),
        *("--workflow-profile", str(PROFILES / "default"), "--cores", "all"),
    ]


@pytest.mark.parametrize(
    "option", ["--cores", "--cores=3", "-c", "-c3", "-call", "--jobs=3", "-j", "--profile=x"]
)
def test_cores_are_not_given_where_an_option_decides(option: str) -> None:
    assert "all" not in words(option)


@pytest.mark.parametrize("option", ["-n", "--config=cores=3", "stage_1", "--core-dump"])
def test_other_options_leave_the_cores_open(option: str) -> None:
    assert words(option)[-3:] == ["--cores", "all", option]


def test_the_folders_own_default_profile_is_used_and_may_set_the_cores() -> None:
    profile = Path("profiles/default/config.yaml")
    profile.parent.mkdir(parents=True)
    profile.write_text("keep-going: true\n")
    assert words()[5:] == ["--cores", "all"]
    profile.write_text("cores: 3\n")
    assert words()[5:] == []


@pytest.mark.parametrize("name", ["slurm", "local", "slurm-native", "profiles/local"])
def test_a_profile_of_ours_is_given_by_its_path(name: str) -> None:
    path = str(PROFILES / name.removeprefix("profiles/"))
    assert with_profiles(["--profile", name, "-n"]) == ["--profile", path, "-n"]
    assert with_profiles([f"--profile={name}"]) == [f"--profile={path}"]


def test_a_profile_of_that_name_in_the_folder_comes_first() -> None:
    Path("slurm").mkdir()
    Path("slurm/config.yaml").write_text("jobs: 3\n")
    assert with_profiles(["--profile", "slurm"]) == ["--profile", "slurm"]


@pytest.mark.parametrize("name", ["mine", "none", "..", "", "profiles"])
def test_other_profiles_are_left_to_snakemake(name: str) -> None:
    assert with_profiles(["--profile", name]) == ["--profile", name]


def test_only_the_word_after_profile_is_one() -> None:
    assert with_profiles(["--until", "local"]) == ["--until", "local"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.yaml"], "nowhere.yaml: no such file. Name the config file"),
        ([], "config/config.yaml: no such file"),
        (["a.yaml", "--", "--configfile", "b.yaml"], "Config files go before --"),
        (["a.yaml", "--", "--snakefile=b"], "to use another Snakefile run snakemake"),
    ],
)
def test_a_mistake_ends_in_a_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.yaml").write_text("search: a\n")
    assert main(["run", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_an_option_of_snakemake_before_the_dashes_is_answered_with_where_it_goes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "a.yaml", "-n"])
    assert ended.value.code == 2
    assert "-n; options of snakemake go after --" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["slurm", "local"])
def test_a_profile_whose_executor_is_missing_is_refused_with_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("harmonica_steps.optional.find_spec", lambda _: None)
    Path("a.yaml").write_text("search: a\n")
    assert main(["run", "a.yaml", "--", "--profile", name]) == 1
    said = capsys.readouterr().err
    assert f"profile '{name}' needs the package snakemake-executor-plugin-submitit" in said
    assert with_profiles(["--profile", "slurm-native"])
