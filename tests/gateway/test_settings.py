from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deidentify_settings import DeidentifySettings, GoldSettings
from gateway.errors import OperatorError
from gateway.identity.principals import AccountRole
from gateway.identity.settings import IdentitySettings, OidcSettings
from gateway.jobs.settings import JobSettings
from gateway.settings import (
    SETTINGS_FILE,
    EngineSettings,
    PathSettings,
    ServiceSettings,
    api_key_from_environment,
    default_key_folder,
    load_settings,
)
from gateway.settings_text import settings_text


def write(folder: Path, text: str) -> Path:
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    return folder


def test_a_name_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/configured")
    settings = load_settings(write(tmp_path, 'id = "hospital-a"'))

    assert settings.id == "hospital-a"
    assert settings.service.host == "127.0.0.1"
    assert settings.service.time_bucket_ms == 250
    assert settings.policies == tmp_path / "policies"
    assert settings.ledger == tmp_path / "ledger.sqlite"
    assert settings.keys == Path("/configured/clinical-gateway/keys/hospital-a")
    assert settings.memory is None


def test_keys_lie_outside_the_deployment_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "/op")

    assert default_key_folder("a") == Path("/op/.config/clinical-gateway/keys/a")


def test_reads_every_section(tmp_path: Path) -> None:
    text = (
        'id = "a"\n[service]\nport = 0\nthreads = 3\n[paths]\nkeys = "/k"\nmemory = "ram"\n'
        "allow_disk = true\n[engine]\ndeadline_seconds = 5\nthreads = 1\n"
    )
    settings = load_settings(write(tmp_path, text))

    assert (settings.service.port, settings.service.threads) == (0, 3)
    assert (settings.keys, settings.memory) == (Path("/k"), tmp_path / "ram")
    assert settings.allow_disk
    assert settings.engine.deadline_seconds == 5


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "id"),
        ('id = "A b"', "id"),
        ('id = "a"\nidd = 1', "idd"),
        ('id = "a"\n[service]\nport = "8080"', "service.port"),
        ('id = "a"\n[service]\nport = 70000', "service.port"),
        ('id = "a"\n[service]\nthreads = 0', "service.threads"),
        ('id = "a"\n[service]\nthreads = true', "service.threads"),
        ('id = "a"\n[paths]\nkeyz = "k"', "paths.keyz"),
        ('id = "a"\n[engine]\nmemory_limit_mb = 1.5', "engine.memory_limit_mb"),
        ('id = "a"\n[http]\ntrusted_proxy = "*"', "http.trusted_proxy"),
        ('id = "a"\n[http]\ntrusted_proxy = "proxy.example"', "http.trusted_proxy"),
        ('id = "a"\n[http]\nrequests_per_minute = 0', "http.requests_per_minute"),
        ('id = "a"\n[presidio]\nroles = ["everybody"]', "presidio.roles"),
        (
            'id = "a"\nservice = {threads = 2}\npresidio = {enabled = true, threads = 2}',
            "presidio.threads",
        ),
        ("id = 2026-01-01", "id"),
        ("id = \n", "line 1"),
        ('id = "a"\nid = "b"\n', "line 2"),
    ],
)
def test_refuses_a_wrong_or_unknown_key_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(OperatorError) as caught:
        load_settings(write(tmp_path, text))

    assert caught.value.code == "CFG-INVALID"
    assert named in caught.value.message
    assert caught.value.file == str(tmp_path / SETTINGS_FILE)


def test_says_what_to_do_where_there_is_no_deployment(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        load_settings(tmp_path)

    assert caught.value.code == "CFG-MISSING"
    assert "gateway init" in caught.value.remedy


def test_refuses_settings_that_are_not_text(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(b"\xff\xfe")

    with pytest.raises(OperatorError) as caught:
        load_settings(tmp_path)
    assert caught.value.code == "CFG-UNREADABLE"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_what_init_writes_is_read_back_whatever_the_folders_name(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("d")
    keys = Path("/keys") / name
    settings = load_settings(write(folder, settings_text("a", port=81, keys=keys)))

    assert settings.keys == keys
    assert settings.service.port == 81


def test_reads_how_people_sign_in(tmp_path: Path) -> None:
    text = (
        'id = "a"\n[identity]\npublic_url = "https://g.example"\n[identity.oidc]\n'
        'issuer = "https://login.example/r"\nclient_id = "g"\nscopes = ["openid", "groups"]\n'
        '[identity.oidc.roles]\nsteward = ["s1", "s2"]\n'
    )
    identity = load_settings(write(tmp_path, text)).identity

    assert identity.public_url == "https://g.example"
    assert identity.oidc is not None
    assert identity.oidc.roles == {AccountRole.STEWARD: ("s1", "s2")}
    assert identity.oidc.algorithms == ("RS256", "PS256", "ES256")


@pytest.mark.parametrize(
    "line",
    [
        'public_url = "https://g.example/"',
        'public_url = "http://g.example"',
        'public_url = "https://user@g.example"',
        "idle_minutes = 0",
        "absolute_hours = 100",
        'oidc = {issuer = "http://login.example", client_id = "g"}',
        'oidc = {issuer = "https://login.example?x", client_id = "g"}',
        'oidc = {issuer = "https://login.example", client_id = "g", algorithms = ["none"]}',
        'oidc = {issuer = "https://login.example", client_id = "g", algorithms = ["HS256"]}',
        'oidc = {issuer = "https://login.example", client_id = "g", algorithms = []}',
        'oidc = {issuer = "https://login.example", client_id = "g", roles = {owner = ["x"]}}',
        'oidc = {client_id = "g"}',
    ],
)
def test_refuses_an_unsafe_way_to_sign_in(tmp_path: Path, line: str) -> None:
    with pytest.raises(OperatorError) as caught:
        load_settings(write(tmp_path, f'id = "a"\n[identity]\n{line}\n'))

    assert caught.value.code == "CFG-INVALID"
    assert "identity" in caught.value.message


def test_the_api_key_comes_from_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_API_KEY", "gw_x")
    assert api_key_from_environment() == "gw_x"

    monkeypatch.setenv("GATEWAY_API_KEY", "")
    assert api_key_from_environment() is None


GOLD = '[deidentify.gold]\nfile = "{file}"\nconsent = "IRB 7"\n'


def test_a_consented_gold_set_has_its_place_and_its_reason(tmp_path: Path) -> None:
    text = 'id = "a"\n' + GOLD.format(file="gold/notes.jsonl")
    found = load_settings(write(tmp_path, text)).gold
    without = load_settings(write(tmp_path, 'id = "a"')).gold

    assert found is not None
    assert found.file == tmp_path.resolve() / "gold" / "notes.jsonl"
    assert found.consent == "IRB 7"
    assert without is None


@pytest.mark.parametrize(
    "file", ["store/ward/1.sealed", "releases/1/review/texts.jsonl", "gold/../store/x", "k/x"]
)
def test_a_gold_set_among_the_data_of_the_deployment_is_refused(tmp_path: Path, file: str) -> None:
    text = 'id = "a"\npaths = {keys = "k"}\n' + GOLD.format(file=file)
    with pytest.raises(OperatorError, match="among the data"):
        load_settings(write(tmp_path, text))


def test_a_link_to_the_data_of_the_deployment_is_no_gold_set_either(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    (tmp_path / "gold").symlink_to(tmp_path / "releases")
    text = 'id = "a"\n' + GOLD.format(file="gold/texts.jsonl")
    with pytest.raises(OperatorError, match="among the data"):
        load_settings(write(tmp_path, text))


@pytest.mark.parametrize("missing", ["file", "consent"])
def test_a_gold_set_needs_its_consent_and_its_file(tmp_path: Path, missing: str) -> None:
    lines = [one for one in GOLD.format(file="g").splitlines() if not one.startswith(missing)]
    with pytest.raises(OperatorError, match=f"deidentify.gold.{missing}"):
        load_settings(write(tmp_path, 'id = "a"\n' + "\n".join(lines)))


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    keys = [
        f"{name}.{key}"
        for name, section in (
            ("service", ServiceSettings),
            ("service.jobs", JobSettings),
            ("paths", PathSettings),
            ("engine", EngineSettings),
            ("deidentify", DeidentifySettings),
            ("deidentify.gold", GoldSettings),
            ("identity", IdentitySettings),
            ("identity.oidc", OidcSettings),
        )
        for key in section.__dataclass_fields__
        if (name, key) != ("service", "jobs")  # a table of its own
    ]

    assert len(keys) == 46
    for key in ["id", *keys]:
        assert f"| `{key}` |" in page
