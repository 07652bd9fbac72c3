"""`offices.yaml` and the environment: what is read, and how each mistake is told (decisions 1 and 2)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.settings import (
    Addresses,
    Settings,
    dagster_home,
    find_settings_file,
    load_settings,
    store_url,
)
from qondor_finago_pipelines.settings.fields import OPEN_MINUTES

EXAMPLE = Path(__file__).parents[2] / "offices.example.yaml"

OFFICE = """
  - id: 102
    name: Oslo
    finago:
      application_id: {env: FINAGO_APPLICATION_ID}
      username: {env: FINAGO_USERNAME_OSLO}
      password: {env: FINAGO_PASSWORD_OSLO}
    department_id: 3
    online_payment_method_id: 7
    misc_product_id: 900
    misc_product_category_id: 9
"""

CREDENTIALS = {
    "FINAGO_APPLICATION_ID": "application",
    "FINAGO_USERNAME_OSLO": "user",
    "FINAGO_PASSWORD_OSLO": "secret-password",
}

LOOPBACK = {
    "QONDOR_BASE_URL": "http://127.0.0.1:8001/qondor/Prod",
    "FINAGO_API_URL": "http://localhost:8001/finago",
    "FINAGO_WEBSERVICES_URL": "http://[::1]:8001/finago-web",
}


def settings_of(folder: Path, text: str) -> Settings:
    file = folder / "offices.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def with_offices(*extra: str, office: str = OFFICE) -> str:
    return "\n".join(["offices:" + office, *extra])


def mistakes_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings_of(folder, text)
    return str(caught.value).splitlines()


def test_the_smallest_file_has_every_default_of_the_article(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, with_offices())
    office = settings.office(102)
    assert office.invoices.days_backwards == 30
    assert office.invoices.send_to_factoring_directly is False
    assert office.invoices.schedule == "*/5 * * * *"
    assert office.customers_and_projects.schedule == "0 * * * *"
    assert office.costs_and_sales.sales_invoiced_by_qondor == "skip"
    assert settings.sync.max_new_orders == 1
    assert settings.sync.qondor_calls_per_second == Decimal("9.5")
    assert settings.sync.first_day == date(2026, 1, 1)


def test_the_example_file_shows_the_defaults() -> None:
    example = load_settings(EXAMPLE)
    bare = Settings(offices=example.offices)
    assert example.digest() == bare.digest()
    assert example.office(102).invoices == example.office(103).invoices


def test_the_digest_is_about_the_meaning_not_the_layout(tmp_path: Path) -> None:
    plain = settings_of(tmp_path, with_offices()).digest()
    assert settings_of(tmp_path, "# a remark\n" + with_offices("sync:", "  poll_seconds: 30")).digest() == plain
    assert settings_of(tmp_path, with_offices("sync:", "  poll_seconds: 31")).digest() != plain


def test_unlimited_new_orders(tmp_path: Path) -> None:
    assert settings_of(tmp_path, with_offices("sync:", "  max_new_orders: unlimited")).sync.max_new_orders is None


def test_a_schedule_may_leave_the_minute_open(tmp_path: Path) -> None:
    office = settings_of(tmp_path, with_offices('    customers_and_projects: {schedule: "H 6-18 * * *"}')).office(102)
    assert office.schedule(Flow.CUSTOMERS_AND_PROJECTS) == "1 6-18 * * *"
    assert office.schedule(Flow.COSTS_AND_SALES) == "0 5 * * *"


@pytest.mark.parametrize("step", [1, 10])
def test_an_open_minute_is_another_one_for_most_offices(tmp_path: Path, step: int) -> None:
    office = settings_of(tmp_path, with_offices('    customers_and_projects: {schedule: "H * * * *"}')).office(102)
    minutes = Counter(
        office.model_copy(update={"id": number}).schedule(Flow.CUSTOMERS_AND_PROJECTS).removesuffix(" * * * *")
        for number in range(101, 101 + 100 * step, step)
    )
    assert minutes.keys() <= {str(minute) for minute in range(OPEN_MINUTES)}
    assert max(minutes.values()) <= 4


def test_a_closed_office_and_a_disabled_flow_do_nothing(tmp_path: Path) -> None:
    disabled = settings_of(tmp_path, with_offices("    invoices: {enabled: false}")).office(102)
    assert not disabled.does(Flow.INVOICES)
    assert disabled.does(Flow.COSTS_AND_SALES)
    closed = settings_of(tmp_path, with_offices("    closed: true")).office(102)
    assert not any(closed.does(flow) for flow in Flow)


@pytest.mark.parametrize(
    ("extra", "mistake"),
    [
        (
            "    departement_id: 3",
            "offices.yaml: office 102, departement_id is not a known key. Did you mean department_id?",
        ),
        (
            "    closed: perhaps",
            "offices.yaml: office 102, closed is neither true nor false. Write true or false, without quotes.",
        ),
        (
            "    invoices: {days_backwards: '30'}",
            "offices.yaml: office 102, invoices.days_backwards is not a whole number. "
            "Write digits only, without quotes.",
        ),
        (
            "    invoices: {fail_in_qondor_after_hours: -1}",
            "offices.yaml: office 102, invoices.fail_in_qondor_after_hours is out of range. "
            "It must be greater than or equal to 0.",
        ),
        (
            "    invoices: {schedule: every hour}",
            "offices.yaml: office 102, invoices.schedule is not a cron schedule of five fields: 'every hour'. "
            'Write five fields in quotes, such as "*/5 * * * *" for every five minutes.',
        ),
        (
            "    invoices: {schedule: '0 0 31 2 *'}",
            "offices.yaml: office 102, invoices.schedule is not a cron schedule that ever comes round: '0 0 31 2 *'. "
            'Write five fields in quotes, such as "*/5 * * * *" for every five minutes.',
        ),
        (
            "    invoices: {schedule: '0 H * * *'}",
            "offices.yaml: office 102, invoices.schedule is not a cron schedule that ever comes round: '0 H * * *'. "
            'Write five fields in quotes, such as "*/5 * * * *" for every five minutes.',
        ),
        (
            "    costs_and_sales: {sales_invoiced_by_qondor: both}",
            "offices.yaml: office 102, costs_and_sales.sales_invoiced_by_qondor is not one of the known values. "
            "Write 'skip' or 'load'.",
        ),
        (
            "sync: {first_day: yesterday}",
            "offices.yaml: sync.first_day is not a day. Write it as 2026-01-01.",
        ),
        (
            "sync: {max_new_orders: }",
            "offices.yaml: sync.max_new_orders is neither a number nor unlimited. "
            "Write 0 or more, or the word unlimited.",
        ),
        (
            "accounts: {bank: [1999, 1900]}",
            "offices.yaml: accounts.bank runs backwards: 1999 to 1900. Write [1900, 1999].",
        ),
        (
            "accounts: {bank: 1900}",
            "offices.yaml: accounts.bank is not a range of accounts. "
            "Write the first and the last account: [3000, 3999].",
        ),
        (
            "accounts: {bank: [1560, 1609]}",
            "offices.yaml: accounts has equally wide ranges, receivable and bank, that share the accounts 1560 to "
            "1599. Make one of them narrower: an account in two ranges belongs to the narrower one.",
        ),
        (
            "addresses: {finago_api_url: api.24sevenoffice.com}",
            "offices.yaml: addresses.finago_api_url is not a web address. Write the whole address, starting with https://.",
        ),
        (
            OFFICE.strip("\n"),
            "offices.yaml: offices has office 102 twice. Keep one entry for each office.",
        ),
    ],
)
def test_each_mistake_names_file_office_key_and_remedy(tmp_path: Path, extra: str, mistake: str) -> None:
    assert mistakes_of(tmp_path, with_offices(extra)) == [mistake]


@pytest.mark.parametrize(
    "key", ["department_id", "online_payment_method_id", "misc_product_id", "misc_product_category_id", "finago"]
)
def test_a_missing_required_option_is_named(tmp_path: Path, key: str) -> None:
    without = "".join(
        line
        for line in OFFICE.splitlines(keepends=True)
        if f" {key}:" not in line and not (key == "finago" and "{env" in line)
    )
    assert mistakes_of(tmp_path, with_offices(office=without)) == [
        f"offices.yaml: office 102, {key} is missing. Add it; offices.example.yaml shows how."
    ]


def test_every_mistake_is_told_at_once_each_in_its_line(tmp_path: Path) -> None:
    found = mistakes_of(tmp_path, "offices:\n  - {id: 102}\n  - {name: Bergen}\nsynk: {}")
    assert len(found) == 12
    assert "offices.yaml: office 102, finago is missing. Add it; offices.example.yaml shows how." in found
    assert "offices.yaml: the office at place 2, id is missing. Add it; offices.example.yaml shows how." in found
    assert "offices.yaml: synk is not a known key. Did you mean sync?" in found


def test_a_secret_in_the_file_is_refused_and_not_shown(tmp_path: Path) -> None:
    text = with_offices(office=OFFICE.replace("{env: FINAGO_PASSWORD_OSLO}", "hunter2"))
    (mistake,) = mistakes_of(tmp_path, text)
    assert mistake == (
        "offices.yaml: office 102, finago.password must name an environment variable. "
        "Write {env: NAME}, and put the value into NAME."
    )


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("offices: [", "offices.yaml, line 1: not readable as YAML: "),
        ("offices: []\noffices: []", "offices.yaml, line 2: not readable as YAML: the key 'offices' stands here for"),
        ("", "offices.yaml: holds no settings."),
        ("- 102", "offices.yaml: holds no settings."),
        ("offices: []", "offices.yaml: offices is empty. Add at least one office."),
        ("offices: 102", "offices.yaml: offices does not have the right shape."),
    ],
)
def test_a_file_that_is_no_settings_file_is_told_in_one_line(tmp_path: Path, text: str, mistake: str) -> None:
    (line,) = mistakes_of(tmp_path, text)
    assert line.startswith(mistake)


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is no such settings file\. Copy offices\.example\.yaml to it"):
        load_settings(tmp_path / "offices.yaml")


def test_an_office_that_is_not_in_the_file_is_told_with_those_that_are(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, with_offices())
    with pytest.raises(SettingsError, match=r"there is no office 999\. Use one of 102"):
        settings.office(999)


def test_credentials_come_from_the_environment_and_are_never_shown(tmp_path: Path) -> None:
    credential = settings_of(tmp_path, with_offices()).office(102).finago.resolve(CREDENTIALS)
    assert (credential.username, credential.password) == ("user", "secret-password")
    assert credential.identity_id is None
    assert "secret-password" not in repr(credential)


def test_a_variable_that_is_not_set_fails_its_office_by_name(tmp_path: Path) -> None:
    office = settings_of(tmp_path, with_offices()).office(102)
    with pytest.raises(SettingsError) as caught:
        office.finago.resolve({**CREDENTIALS, "FINAGO_PASSWORD_OSLO": " "})
    assert str(caught.value) == (
        "offices.yaml: office 102, finago.password names the environment variable FINAGO_PASSWORD_OSLO, which is not "
        "set. Set FINAGO_PASSWORD_OSLO where the sync runs, and start it again."
    )


def test_the_settings_file_is_named_by_the_environment_or_stands_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_settings_file({}) == tmp_path / "offices.yaml"
    assert find_settings_file({"QONDOR_FINAGO_SETTINGS": str(tmp_path / "ours.yaml")}) == tmp_path / "ours.yaml"


def test_addresses_in_the_environment_win_over_the_file(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        with_offices("addresses:", "  qondor_base_url: https://qondor.example/Test", "  slack_channel: '#finance'"),
    )
    from_file = Addresses.from_environment(settings, {})
    assert from_file.qondor_base_url == "https://qondor.example/Test"
    assert from_file.finago_api_url == "https://api.24sevenoffice.com"
    assert from_file.slack is None, "without a token alerts go to the log"
    from_environment = Addresses.from_environment(settings, {**LOOPBACK, "SLACK_BOT_TOKEN": "xoxb-secret"})
    assert from_environment.qondor_base_url == "http://127.0.0.1:8001/qondor/Prod"
    assert from_environment.slack is not None
    assert from_environment.slack.channel == "#finance"
    assert "xoxb-secret" not in repr(from_environment)


def test_an_address_in_the_environment_that_is_none_is_named(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, with_offices())
    with pytest.raises(SettingsError, match=r"^QONDOR_BASE_URL is not a web address\. Write the whole address"):
        Addresses.from_environment(settings, {"QONDOR_BASE_URL": "qondor"})


def test_the_address_of_dagsters_pages_is_optional_and_the_environment_wins(tmp_path: Path) -> None:
    assert Addresses.from_environment(settings_of(tmp_path, with_offices()), {}).dagster_ui_url is None
    settings = settings_of(tmp_path, with_offices("addresses:", "  dagster_ui_url: https://dagster.example/"))
    assert Addresses.from_environment(settings, {}).dagster_ui_url == "https://dagster.example"
    elsewhere = {"DAGSTER_UI_URL": "https://elsewhere.example/dagster"}
    assert Addresses.from_environment(settings, elsewhere).dagster_ui_url == "https://elsewhere.example/dagster"
    with pytest.raises(SettingsError, match=r"^DAGSTER_UI_URL is not a web address\."):
        Addresses.from_environment(settings, {"DAGSTER_UI_URL": "dagster.example"})


def test_a_missing_subscription_key_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    addresses = Addresses.from_environment(settings_of(tmp_path, with_offices()), {})
    with pytest.raises(SettingsError, match=r"QONDOR_SUBSCRIPTION_KEY is not set\. Set it to"):
        addresses.qondor_subscription_key({})
    assert addresses.qondor_subscription_key({"QONDOR_SUBSCRIPTION_KEY": "key"}) == "key"


def test_a_quiet_period_below_the_call_timeout_is_for_loopback_addresses_only(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, with_offices("sync: {quiet_period_seconds: 1, call_timeout_seconds: 2}"))
    assert Addresses.from_environment(settings, LOOPBACK).all_loopback
    for name in LOOPBACK:
        with pytest.raises(SettingsError, match=r"sync\.quiet_period_seconds is shorter"):
            Addresses.from_environment(settings, {**LOOPBACK, name: "https://finance.example"})


def test_the_store_is_a_file_in_dagster_home_beside_the_settings(tmp_path: Path) -> None:
    environ = {"QONDOR_FINAGO_SETTINGS": str(tmp_path / "offices.yaml")}
    assert dagster_home(environ) == tmp_path / ".dagster"
    assert store_url(environ) == f"sqlite:///{tmp_path}/.dagster/store.sqlite"
    assert store_url({**environ, "DAGSTER_HOME": str(tmp_path / "home")}) == f"sqlite:///{tmp_path}/home/store.sqlite"


def test_one_variable_moves_the_store_to_postgresql(tmp_path: Path) -> None:
    url = "postgresql+psycopg2://sync:secret@database/sync"
    assert store_url({"DAGSTER_HOME": str(tmp_path), "QONDOR_FINAGO_DATABASE_URL": url}) == url


def test_an_unusable_store_address_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Write postgresql\+psycopg2://") as caught:
        store_url({"DAGSTER_HOME": str(tmp_path), "QONDOR_FINAGO_DATABASE_URL": "mysql://sync:secret@database"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", [None, "sqlite:///store.sqlite"])
@pytest.mark.parametrize(
    "storage",
    [
        "storage: {postgres: {postgres_url: {env: URL}}}",
        "run_storage: {module: dagster_postgres.run_storage, class: PostgresRunStorage, config: {}}",
        "storage: {custom: {module: dagster_postgres.storage, class: DagsterPostgresStorage, config: {}}}",
    ],
    ids=["ours", "of Dagster's Helm chart", "by class"],
)
def test_the_store_is_never_sqlite_where_dagster_stores_in_postgresql(
    tmp_path: Path, url: str | None, storage: str
) -> None:
    (tmp_path / "dagster.yaml").write_text(storage, encoding="utf-8")
    environ = {"DAGSTER_HOME": str(tmp_path), **({"QONDOR_FINAGO_DATABASE_URL": url} if url else {})}
    with pytest.raises(SettingsError, match=r"stores in PostgreSQL, but QONDOR_FINAGO_DATABASE_URL names no"):
        store_url(environ)


@pytest.mark.parametrize("address", ["memory://tables", "/var/lib/tables", "file:///var/lib/tables"])
def test_tables_go_to_any_address_whose_driver_is_installed(tmp_path: Path, address: str) -> None:
    assert settings_of(tmp_path, with_offices("sync:", f"  tables_url: {address}")).sync.tables_url == address


@pytest.mark.parametrize("address", ["s3://books/tables", "nowhere://books"])
def test_tables_of_a_store_without_a_driver_are_a_mistake_in_the_settings(tmp_path: Path, address: str) -> None:
    store = address.partition(":")[0]
    assert mistakes_of(tmp_path, with_offices("sync:", f"  tables_url: {address}")) == [
        f"offices.yaml: sync.tables_url is an address of {store}, for which nothing is installed here. "
        "Install the fsspec driver of that store (s3fs for s3, say), or name a folder."
    ]


@pytest.mark.parametrize(
    ("account", "meaning"),
    [
        (1500, "receivable"),
        (1529, "receivable"),
        (1530, None),
        (1549, None),
        (1599, "receivable"),
        (2749, "vat"),
        (4087, "memo"),
        (7786, "memo"),
        (1600, None),
        (3000, "revenue"),
        (7739, "expense"),
        (7740, "rounding"),
        (7749, "rounding"),
        (7750, "expense"),
        (8000, None),
    ],
)
def test_an_account_in_two_ranges_belongs_to_the_narrower_one(account: int, meaning: str | None) -> None:
    assert load_settings(EXAMPLE).accounts.meaning_of(account) == meaning


@pytest.mark.parametrize("ranges", ["[1500, 1529]", "[[1500, 1509], [1510, 1529]]", "[[1500, 1529]]"])
def test_each_kind_of_account_takes_one_range_or_several(tmp_path: Path, ranges: str) -> None:
    accounts = settings_of(tmp_path, with_offices("accounts:", f"  receivable: {ranges}")).accounts
    assert [accounts.meaning_of(account) for account in (1500, 1529, 1530)] == ["receivable", "receivable", None]


@pytest.mark.parametrize("ranges", ["[]", "[1500]", "[[1500, 1529], 1550]", "[[1529, 1500]]", "1500"])
def test_what_is_no_range_of_accounts_is_a_mistake_in_the_settings(tmp_path: Path, ranges: str) -> None:
    found = mistakes_of(tmp_path, with_offices("accounts:", f"  receivable: {ranges}"))
    assert found
    assert all("accounts.receivable" in mistake for mistake in found)
