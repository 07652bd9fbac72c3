"""Before anything is written: every prerequisite of the article, missing, wrong and right, in both systems."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from qondor_finago_pipelines.assets.operations.preflight import preflight_asset
from qondor_finago_pipelines.cli import main
from qondor_finago_pipelines.flows.preflight.asking import MOST_CALLS
from qondor_finago_pipelines.flows.preflight.check import check_offices
from qondor_finago_pipelines.partitions import OfficeDay
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import ClientId
from qondor_finago_pipelines.records.preflight import Finding, Preflight, State
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.world import line
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from qondor_finago_pipelines.systems.finago.descriptions import differences
from qondor_finago_pipelines.systems.finago.soap import PACKAGE_WSDLS, parse_strictly
from tests.end_to_end.installation import BERGEN, OSLO, Installation


def look(installation: Installation, *offices: int) -> Preflight:
    """What `qondor-finago check` finds, for Oslo unless told otherwise."""
    with installation.service() as service:
        chosen = [service.settings.office(office) for office in offices or (OSLO,)]
        return check_offices(
            service.settings, installation.environ, service.store, chosen, pause=installation.clock.sleep
        )


def row(preflight: Preflight, what: str, office: int | None = OSLO) -> Finding:
    found = [each for each in preflight.findings if (each.what, each.office) == (what, office)]
    assert len(found) == 1, (what, [(each.office, each.what) for each in preflight.findings])
    return found[0]


def troubles(preflight: Preflight) -> dict[str, State]:
    return {each.what: each.state for each in preflight.findings if each.state is not State.OK}


@pytest.fixture
def perfect(installation: Installation, world: World, project: int) -> Installation:
    """One customer with its company, one project, an invoice of each kind in the queue."""
    world.books(OSLO).companies[4711].members["ExternalId"] = "77"
    world.qondor.projects[project]["projectCategory"] = "Conference"
    world.add_invoice(id=9001, customer=77, project=project, lines=[line("Package", article="3000", price="400.00")])
    installation.world.add_customer("Fjord AS", id=90, office=BERGEN, reference=4800, organisation_number="923456785")
    world.add_company("Fjord AS", id=4800, office=BERGEN, organisation_number="923456785", external_id=90)
    world.add_project("Fjord", id=600, office=BERGEN, number="SO600", customer=90, category="Conference")
    return installation


def test_a_perfect_world_is_all_right(perfect: Installation) -> None:
    preflight = look(perfect, OSLO, BERGEN)
    assert troubles(preflight) == {}
    assert preflight.all_right
    seen = {each.what for each in preflight.findings if each.office == OSLO}
    assert {
        "qondor access",
        "finago login",
        "finago identity",
        "shared client",
        "department",
        "payment method",
        "misc product",
        "misc category",
        "product category 3000",
        "vat 3000 25",
        "project status Aktiv",
        "project status Avsluttet",
        "project type Conference",
        "currency NOK",
    } <= seen
    assert {f"wsdl {name}" for name in ("account", "invoice", "project", "transaction")} <= {
        each.what for each in preflight.findings if each.office is None
    }


def test_a_check_writes_nothing_anywhere(perfect: Installation) -> None:
    look(perfect, OSLO, BERGEN)
    assert perfect.world.calls.writes() == 0
    with perfect.service() as service, service.store.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None
        assert transaction.companies.of_client(ClientId(50102)) == {}


Mistake = Callable[[World], Any]

SET_UP: Mapping[str, tuple[Mistake, str, str]] = {
    "no department for Qondor's invoices": (lambda w: w.books(OSLO).departments.pop(3), "department", "department_id"),
    "no payment method for card payments": (
        lambda w: w.books(OSLO).payment_methods.pop(7),
        "payment method",
        "online_payment_method_id",
    ),
    "no misc product": (lambda w: w.books(OSLO).products.pop(900), "misc product", "misc_product_id"),
    "a misc product that is not in use": (
        lambda w: w.books(OSLO).products[900].update(StatusId=2),
        "misc product",
        "Products",
    ),
    "no misc category": (lambda w: w.books(OSLO).categories.pop(9), "misc category", "misc_product_category_id"),
    "no status Aktiv": (lambda w: w.books(OSLO).project_statuses.pop(1), "project status Aktiv", "Aktiv"),
    "Avsluttet under another name": (
        lambda w: w.books(OSLO).project_statuses.update({2: "Completed"}),
        "project status Avsluttet",
        "Avsluttet",
    ),
    "no type for the project's category": (
        lambda w: w.books(OSLO).project_types.pop(1),
        "project type Conference",
        "Finago",
    ),
    "an article without a product category": (
        lambda w: w.books(OSLO).categories[30].update(No="3999"),
        "product category 3000",
        "3000",
    ),
    "two product categories of one number": (
        lambda w: w.books(OSLO).categories[31].update(No="3000"),
        "product category 3000",
        "number",
    ),
    "a product with another VAT rate than the line": (
        lambda w: [
            each.update(TaxRate=Decimal(11)) for each in w.books(OSLO).products.values() if each["CategoryId"] == 30
        ],
        "vat 3000 25",
        "25 %",
    ),
    "no rate for a currency": (
        lambda w: w.books(OSLO).currencies["NOK"].update(Rate=Decimal(0)),
        "currency NOK",
        "NOK",
    ),
    "a customer without an External Reference": (
        lambda w: w.qondor.customers[77].update(externalReference=None),
        "customer 77",
        "External Reference",
    ),
    "an External Reference that is no company id": (
        lambda w: w.qondor.customers[77].update(externalReference="K-4711"),
        "customer 77",
        "External Reference",
    ),
    "an External Reference that Finago does not know": (
        lambda w: w.books(OSLO).companies.pop(4711),
        "customer 77",
        "External Reference",
    ),
    "a project number that is not quite SO and digits": (
        lambda w: w.qondor.projects[555].update(projectNo="SO12345-2"),
        "project 555",
        "SO and digits",
    ),
}


@pytest.mark.parametrize("mistake", SET_UP)
def test_a_prerequisite_that_is_not_met_is_named_with_where_it_is_mended(perfect: Installation, mistake: str) -> None:
    change, what, remedy = SET_UP[mistake]
    change(perfect.world)
    found = row(look(perfect), what)
    assert found.state is State.WRONG
    assert remedy in found.remedy
    assert found.found != found.expected


def test_a_world_with_every_mistake_names_each_once(perfect: Installation) -> None:
    alone = ("department", "payment method", "misc category", "project status Aktiv", "project type Conference")
    chosen = {what: change for change, what, _ in SET_UP.values() if what in (*alone, "customer 77", "project 555")}
    for change in chosen.values():
        change(perfect.world)
    wrong = [each.what for each in look(perfect).findings if each.state is State.WRONG]
    assert sorted(wrong) == sorted(chosen)


def test_a_reference_used_twice_is_wrong_at_both(perfect: Installation) -> None:
    perfect.world.add_customer("Nordlys Bergen", id=78, office=OSLO, reference=4711, organisation_number="912345678")
    preflight = look(perfect)
    assert {row(preflight, f"customer {each}").state for each in (77, 78)} == {State.WRONG}
    assert "77 and 78" in row(preflight, "customer 77").found


def test_projects_of_one_client_that_come_to_one_id_are_named(perfect: Installation) -> None:
    perfect.world.add_project("Rival", id=12345, office=OSLO, number="", customer=77, category="Conference")
    preflight = look(perfect)
    assert {row(preflight, f"project {each}").state for each in (555, 12345)} == {State.WRONG}


def test_the_rival_may_be_another_office_s_that_is_not_asked_for(
    another_world: Callable[..., Installation],
) -> None:
    installation = another_world(shared_client=True)
    world = installation.world
    world.add_project("Ours", id=555, office=OSLO, number="SO12345", customer=None)
    world.add_project("Theirs", id=556, office=BERGEN, number="SO12345", customer=None)
    preflight = look(installation)
    assert row(preflight, "project 555").state is State.WRONG
    assert "556" in row(preflight, "project 555").found
    assert f"shared with office {BERGEN}" in row(preflight, "shared client").found


# what cannot be asked is never shown as right


def test_without_qondor_s_key_the_rest_is_looked_at(perfect: Installation) -> None:
    del perfect.environ["QONDOR_SUBSCRIPTION_KEY"]
    preflight = look(perfect)
    assert row(preflight, "qondor access").state is State.WRONG
    assert "QONDOR_SUBSCRIPTION_KEY" in row(preflight, "qondor access").found
    assert row(preflight, "department").state is State.OK


def test_half_of_the_secrets_fails_that_office_alone(perfect: Installation) -> None:
    del perfect.environ["FINAGO_PASSWORD_OSLO"]
    preflight = look(perfect, OSLO, BERGEN)
    assert row(preflight, "finago login").state is State.WRONG
    assert row(preflight, "department").state is State.UNKNOWN
    assert "FINAGO_PASSWORD_OSLO" in row(preflight, "department").found
    assert row(preflight, "department", BERGEN).state is State.OK
    assert row(preflight, "shared client", BERGEN).state is State.UNKNOWN


def test_a_refused_login_is_wrong_and_what_it_hides_unknown(perfect: Installation) -> None:
    perfect.environ["FINAGO_PASSWORD_OSLO"] = "another"
    preflight = look(perfect)
    assert row(preflight, "finago login").state is State.WRONG
    assert row(preflight, "finago identity").state is State.UNKNOWN
    assert row(preflight, "project status Aktiv").state is State.UNKNOWN


def test_an_identity_of_another_client_is_wrong(perfect: Installation) -> None:
    perfect.environ["FINAGO_IDENTITY_OSLO"] = "00000000-0000-0000-0000-000000000001"
    preflight = look(perfect)
    assert State.WRONG in {row(preflight, "finago login").state, row(preflight, "finago identity").state}
    assert not preflight.all_right


def test_another_client_than_the_one_that_kept_the_books_is_wrong(perfect: Installation) -> None:
    with perfect.service() as service, service.store.write() as transaction:
        transaction.clients.remember_office(OSLO, ClientId(50999))
    found = row(look(perfect), "finago identity")
    assert found.state is State.WRONG
    assert "50999" in found.expected


def test_a_key_of_another_company_sees_nothing(perfect: Installation) -> None:
    perfect.world.qondor.customers.clear()
    perfect.world.qondor.projects.clear()
    perfect.world.qondor.invoices.clear()
    assert row(look(perfect), "qondor access").state is State.WRONG


def test_an_office_without_any_project_says_what_could_not_be_looked_at(installation: Installation) -> None:
    installation.world.add_customer("Nordlys AS", id=77, office=OSLO, reference=4711)
    preflight = look(installation)
    assert row(preflight, "qondor access").state is State.UNKNOWN
    assert "types and numbers of projects" in row(preflight, "qondor access").found


@pytest.mark.parametrize(("system", "what"), [("qondor", "qondor access"), ("finago", "finago login")])
def test_a_system_that_is_down_is_unknown_and_asked_no_more(perfect: Installation, system: str, what: str) -> None:
    perfect.world.faults.add(system, "*", "503", times=None)
    preflight = look(perfect, OSLO, BERGEN)
    assert row(preflight, what).state is State.UNKNOWN
    assert not preflight.all_right
    assert sum(calls[system] for calls in preflight.calls.values()) <= 20


def test_a_member_of_another_name_in_the_live_description_is_named() -> None:
    invoice = PACKAGE_WSDLS / "invoice.wsdl"
    live = parse_strictly(invoice.read_bytes().replace(b'name="OrderTotalIncVat"', b'name="OrderTotal"'))
    assert differences("invoice", live) == ("type InvoiceOrder reads otherwise",)
    assert differences("invoice", parse_strictly(invoice.read_bytes())) == ()


# calls


def test_an_office_takes_few_calls_whatever_its_size(perfect: Installation) -> None:
    world = perfect.world
    for number in range(3000):
        world.add_customer(f"Customer {number}", id=1000 + number, office=OSLO, reference=20000 + number)
    for article in range(4000, 4020):
        world.add_product_category(str(article), office=OSLO, rates={article * 10: "25"})
        world.add_invoice(customer=77, project=555, lines=[line("X", article=str(article), price="1.00")])
    preflight = look(perfect)
    calls = preflight.calls[OSLO]
    assert sum(calls.values()) <= MOST_CALLS + 3
    assert len([each for each in preflight.findings if each.what.startswith("customer ")]) == 3000
    assert row(preflight, "assumption Q19").state is State.UNKNOWN


def test_a_usual_office_is_read_whole(perfect: Installation) -> None:
    preflight = look(perfect)
    assert sum(preflight.calls[OSLO].values()) <= 22


# assumptions


def test_a_probe_says_that_it_holds_and_one_that_met_nothing_is_not_called_right(perfect: Installation) -> None:
    preflight = look(perfect)
    assert row(preflight, "assumption F78").found.startswith("holds")
    assert "Q14" in preflight.not_seen
    assert "assumption Q14" not in {each.what for each in preflight.findings}


def test_a_fiscal_year_that_ends_on_its_own_last_day_is_told_with_its_one_place(perfect: Installation) -> None:
    year = perfect.world.today().year
    perfect.world.books(OSLO).fiscal_years = [(date(year, 1, 1), date(year, 12, 31), False)]
    found = row(look(perfect), "assumption F78")
    assert found.state is State.WRONG
    assert "records/costs_and_sales/vouchers.py · FiscalYear" in found.remedy


def test_a_clock_that_is_off_is_told(perfect: Installation) -> None:
    found = row(look(perfect), "assumption F70")
    assert found.state is State.OK
    assert json.dumps(found.as_json())


EUR: dict[str, Any] = {"Currency": "EUR", "CurrencyRate": Decimal("11.745"), "CurrencyUnit": 1}
AS_THEY_STAND = [posting(6300, "1174.50", **EUR), posting(2400, "-1174.50")]
AT_THEIR_RATES = [posting(6300, "100.00", **EUR), posting(2400, "-1174.50")]
IN_NO_WAY = [posting(6300, "100.00", **EUR), posting(2400, "-99.00")]
EITHER_WAY = [posting(6300, "100.00", **EUR), posting(2400, "-100.00", **EUR)]


@pytest.mark.parametrize(
    ("vouchers", "reading", "state", "told"),
    [
        ([AS_THEY_STAND], "hold", State.OK, "foreign_lines: home fits"),
        ([AS_THEY_STAND], "home", State.OK, "foreign_lines: home fits"),
        ([AS_THEY_STAND], "stated", State.WRONG, "foreign_lines: home fits"),
        ([AT_THEIR_RATES], "hold", State.OK, "foreign_lines: stated fits"),
        ([AT_THEIR_RATES], "stated", State.OK, "foreign_lines: stated fits"),
        ([AT_THEIR_RATES, EITHER_WAY], "home", State.WRONG, "foreign_lines: stated fits"),
        ([AS_THEY_STAND, AT_THEIR_RATES], "home", State.WRONG, "no reading fits"),
        ([AS_THEY_STAND, AT_THEIR_RATES], "hold", State.OK, "no reading fits"),
        ([IN_NO_WAY], "stated", State.WRONG, "no reading fits"),
    ],
)
def test_vouchers_in_another_currency_say_which_reading_fits(
    perfect: Installation, vouchers: list[list[Any]], reading: str, state: State, told: str
) -> None:
    perfect.configure(office_options={"costs_and_sales": {"foreign_lines": reading}})
    for lines in vouchers:
        perfect.world.post_voucher(lines, system_type="InvoiceSupplier")
    found = row(look(perfect), "assumption F80")
    assert found.state is state
    assert told in found.found
    assert state is State.OK or "costs_and_sales.foreign_lines" in found.remedy


def test_vouchers_that_sum_to_zero_either_way_settle_nothing(perfect: Installation) -> None:
    perfect.world.post_voucher(EITHER_WAY, system_type="InvoiceSupplier")
    assert "F80" in look(perfect).not_seen


def test_a_ledger_that_does_not_answer_is_unknown_and_hides_nothing_of_the_other_office(perfect: Installation) -> None:
    perfect.world.faults.add("finago", "GetTransactions", "500", times=None)
    preflight = look(perfect, OSLO, BERGEN)
    assert row(preflight, "assumption F80").state is State.UNKNOWN
    assert row(preflight, "assumption F79").state is State.UNKNOWN
    assert row(preflight, "department", BERGEN).state is State.OK
    assert row(preflight, "assumption F78", BERGEN).state is State.OK


@pytest.mark.parametrize(("code", "state"), [(1, State.OK), (101, State.WRONG)])
def test_a_vat_code_that_fits_only_one_number_of_the_list_says_which_is_meant(
    perfect: Installation, code: int, state: State
) -> None:
    lines = [posting(6300, "100.00", vat_code=code), posting(2400, "-100.00")]
    perfect.world.post_voucher(lines, system_type="InvoiceSupplier")
    found = row(look(perfect), "assumption F79")
    assert found.state is state
    assert f"{code}" in found.found


def test_both_lists_of_orders_have_what_was_just_registered(perfect: Installation) -> None:
    perfect.sync()
    assert row(look(perfect), "assumption F67").state is State.OK


def test_no_name_of_a_person_is_in_any_finding(perfect: Installation) -> None:
    perfect.world.add_invoice(
        kind="booking",
        project=555,
        booker="Kari Nordmann",
        email="kari@booker.example",
        lines=[line("T", price="1.00")],
    )
    told = json.dumps([each.as_json() for each in look(perfect).findings])
    assert "Kari" not in told
    assert "kari@" not in told
    assert "Nordlys" not in told


def test_an_empty_world_ends(installation: Installation) -> None:
    installation.sandbox.world = empty(clock=installation.clock)
    assert not look(installation, OSLO, BERGEN).all_right


# Dagster


def test_a_failing_preflight_is_told_once_and_once_more_when_it_is_mended(perfect: Installation) -> None:
    departments = perfect.world.books(OSLO).departments
    gone = departments.pop(3)
    _preflight(perfect, "first")
    _preflight(perfect, "second")
    assert len(perfect.world.slack.messages) == 1
    assert "department_id" in str(perfect.world.slack.messages[0])
    perfect.sync()
    departments[3] = gone
    _preflight(perfect, "third")
    assert len(perfect.world.slack.messages) == 2


def _preflight(installation: Installation, run_id: str) -> Preflight:
    with installation.service() as service:
        day = oslo_day(service.store.now())
        found = service.preflight(service.settings.office(OSLO), day=day, run_id=run_id)
        service.deliver_alerts()
        return found


@pytest.mark.parametrize(("mistaken", "passed"), [(False, True), (True, False)])
def test_the_asset_shows_the_findings_and_its_check_fails_on_what_is_wrong(
    perfect: Installation, mistaken: bool, passed: bool
) -> None:
    if mistaken:
        perfect.world.books(OSLO).departments.pop(3)
    settings = perfect.settings()
    with perfect.service() as service:
        key = OfficeDay(oslo_day(service.store.now()), OSLO).key
        result = dg.materialize([preflight_asset(settings)], partition_key=key, resources={"sync": service})
    assert result.success
    (evaluation,) = result.get_asset_check_evaluations()
    assert evaluation.passed is passed
    (made,) = result.asset_materializations_for_node("preflight")
    assert made.metadata["wrong"].value == int(mistaken)


# the command


@pytest.fixture
def command(perfect: Installation, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`qondor-finago check`, in a process of this installation."""
    for name, value in perfect.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QONDOR_FINAGO_SETTINGS", str(perfect.settings().file))
    monkeypatch.setenv("QONDOR_FINAGO_DATABASE_URL", perfect.store_url)
    return lambda *arguments: CliRunner().invoke(main, ["check", *arguments])


def test_each_line_of_json_is_one_finding(command: Callable[..., Result]) -> None:
    result = command("--office", str(OSLO), "--json")
    lines = [json.loads(each) for each in result.stdout.splitlines()]
    assert all(set(each) == {"office", "what", "state", "found", "expected", "remedy"} for each in lines)
    # The world of this test stands at another time than the clock of this process.
    assert [each["what"] for each in lines if each["state"] != "ok"] == ["assumption F70"]
    assert result.exit_code == 1
    assert f"Office {OSLO}: " in result.stderr


def test_the_table_fits_eighty_columns_and_names_what_is_wrong(command: Callable[..., Result], world: World) -> None:
    world.books(OSLO).departments.pop(3)
    result = command()
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "WRONG" in result.stdout
    assert "Office 103" in result.stdout


def test_the_report_holds_no_secret(command: Callable[..., Result], perfect: Installation, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    command("--save", str(file))
    text = file.read_text(encoding="utf-8")
    assert json.loads(text)["findings"]
    secrets = [value for name, value in perfect.environ.items() if re.search("PASSWORD|USERNAME|KEY|APPLICATION", name)]
    assert secrets
    assert not any(secret in text for secret in secrets)


def test_without_settings_a_table_ends_and_says_that_nothing_was_looked_at(
    command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QONDOR_FINAGO_SETTINGS", str(tmp_path / "none.yaml"))
    result = command()
    assert result.exit_code == 1
    assert "UNKNOWN" in result.stdout
    assert "none.yaml" in result.stdout.replace("\n", "")


def test_an_office_that_the_settings_do_not_have_is_a_wrong_call(command: Callable[..., Result]) -> None:
    assert command("--office", "999").exit_code == 2
