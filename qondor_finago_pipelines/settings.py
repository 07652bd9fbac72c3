"""`offices.yaml` and the environment: every option of the integration, in one place, with its default.

The file is read by file only and holds no secret: a credential stands in it as `{env: NAME}` and is resolved inside
the flow of its office, so that a variable that is not set stops that office and no other. Every mistake is a
`SettingsError` whose lines each name file, office, key and remedy (decisions 1 and 2).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import yaml
from croniter import CroniterError, croniter
from fsspec.core import get_filesystem_class, split_protocol
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from .records.credentials import FinagoCredential
from .records.days import OSLO
from .records.errors import SettingsError
from .records.identifiers import OfficeId
from .records.operations.results import Flow

SETTINGS_VARIABLE = "QONDOR_FINAGO_SETTINGS"
DATABASE_VARIABLE = "QONDOR_FINAGO_DATABASE_URL"
DAGSTER_HOME_VARIABLE = "DAGSTER_HOME"
SUBSCRIPTION_KEY_VARIABLE = "QONDOR_SUBSCRIPTION_KEY"

DEFAULT_FILE = "offices.yaml"
EXAMPLE_FILE = "offices.example.yaml"
STORE_FILE = "ledger.sqlite"

_DAGSTER_STORAGES = ("storage", "run_storage", "event_log_storage", "schedule_storage")
"""Where an instance file says in what Dagster stores: the first for all, or the other three one by one."""

POSTGRESQL = "postgresql+psycopg2://"
"""Without the driver's name SQLAlchemy would look for one that is not installed."""


def _mistake(message: str, remedy: str) -> PydanticCustomError:
    """A mistake in one key. The texts go in as context, so that a brace in them is not read as a placeholder."""
    return PydanticCustomError("mistake", "{problem}", {"problem": message, "remedy": remedy})


def _known_cron(text: str) -> str:
    """Five fields that come round at least once: what Dagster's schedules take, and `H` for any minute."""
    remedy = 'Write five fields in quotes, such as "*/5 * * * *" for every five minutes.'
    if len(text.split()) != 5:
        raise _mistake(f"is not a cron schedule of five fields: '{text}'.", remedy)
    try:
        croniter(_with_minute(text, 0)).get_next()
    except (CroniterError, ValueError, KeyError) as error:
        raise _mistake(f"is not a cron schedule that ever comes round: '{text}'.", remedy) from error
    return text


OPEN_MINUTES = 50
"""Of an hour, for schedules that leave the minute open. A run in its last ones would meet the end of its day."""


def _with_minute(schedule: str, minute: int) -> str:
    """The schedule with this minute where its first field leaves that open with an `H`, as Jenkins has it."""
    first, rest = schedule.split(maxsplit=1)
    return f"{minute} {rest}" if first == "H" else schedule


def scheduled_turns(schedule: str, start: datetime) -> Iterator[datetime]:
    """The instants, from `start` on, at which a cron schedule comes round by the clocks of Oslo.

    Where the clocks change: an instant that two times of the day fall on comes once, and of the hour that comes twice
    only the first. `start` is aware, the instants are UTC.
    """
    # The hour that comes twice begins anew on the clock, so from an hour before.
    before = start.astimezone(OSLO).replace(tzinfo=None) - timedelta(hours=1, minutes=1)
    latest = start - timedelta.resolution
    for local in croniter(schedule, before).all_next(datetime):
        turn = local.replace(tzinfo=OSLO).astimezone(UTC)
        if turn > latest:
            yield turn
            latest = turn


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _mistake("is not a web address.", "Write the whole address, starting with https://.")
    return text


def _known_file_system(address: str) -> str:
    """An address of fsspec whose driver is installed: found out here, before anything is read or loaded."""
    system = split_protocol(address)[0] or "file"
    try:
        get_filesystem_class(system)
    except (ImportError, ValueError) as error:
        raise _mistake(
            f"is an address of {system}, for which nothing is installed here.",
            "Install the fsspec driver of that store (s3fs for s3, say), or name a folder.",
        ) from error
    return address


def _number_or_unlimited(value: object) -> int | None:
    if value == "unlimited":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    # An empty value would be None as well, and lift a guard over money by a slip of the keyboard.
    raise _mistake("is neither a number nor unlimited.", "Write 0 or more, or the word unlimited.")


Number = Annotated[StrictInt, Field(gt=0)]
"""An id, a count or a limit: a whole number, 1 or more."""

Days = Annotated[StrictInt, Field(ge=1, le=3660)]
Hours = Annotated[StrictInt, Field(ge=0)]
OrderLimit = Annotated[int | None, PlainValidator(_number_or_unlimited)]
"""How many orders; None where the file says `unlimited`."""

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
CronSchedule = Annotated[StrictStr, AfterValidator(_known_cron)]
WebAddress = Annotated[StrictStr, AfterValidator(_web_address)]
FileAddress = Annotated[StrictStr, AfterValidator(_known_file_system)]


class _Section(BaseModel):
    """A part of the file: a key that is not declared is a mistake, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Section):
    """The name of an environment variable; the value is only ever read by `resolve`."""

    env: Annotated[StrictStr, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

    @model_validator(mode="before")
    @classmethod
    def _names_a_variable(cls, value: Any) -> Any:
        if not isinstance(value, (Mapping, Secret)):
            # The value may be a password: it never reaches the message.
            raise _mistake("must name an environment variable.", "Write {env: NAME}, and put the value into NAME.")
        return value


class FinagoSettings(_Section):
    """Where an office's Finago credentials are found."""

    application_id: Secret
    username: Secret
    password: Secret
    identity_id: Secret | None = None
    _where: str = PrivateAttr(default="")

    def resolve(self, environ: Mapping[str, str]) -> FinagoCredential:
        """The credentials themselves. Raises SettingsError when a variable is not set, which stops this office only."""
        found = {
            key: self._value(key, secret, environ)
            for key, secret in (
                ("application_id", self.application_id),
                ("username", self.username),
                ("password", self.password),
            )
        }
        identity = self._value("identity_id", self.identity_id, environ) if self.identity_id else None
        return FinagoCredential(**found, identity_id=identity)

    def _value(self, key: str, secret: Secret, environ: Mapping[str, str]) -> str:
        value = environ.get(secret.env, "").strip()
        if not value:
            raise SettingsError(
                f"{self._where}, finago.{key} names the environment variable {secret.env}, which is not set.",
                remedy=f"Set {secret.env} where the sync runs, and start it again.",
            )
        return value


class InvoicesSettings(_Section):
    """The invoice flow of one office."""

    enabled: StrictBool = True
    schedule: CronSchedule = "*/5 * * * *"
    days_backwards: Days = 30
    send_to_factoring_directly: StrictBool = False
    fail_in_qondor_after_hours: Hours = 24


class CustomersAndProjectsSettings(_Section):
    """The customer and project flow of one office."""

    enabled: StrictBool = True
    schedule: CronSchedule = "0 * * * *"
    changed_within_days: Days = 7


class CostsAndSalesSettings(_Section):
    """The cost and sales flow of one office."""

    enabled: StrictBool = True
    schedule: CronSchedule = "0 5 * * *"
    days_backwards: Days = 14
    sales_invoiced_by_qondor: Literal["skip", "load"] = "skip"


class OfficeSettings(_Section):
    """One Qondor office: its Finago credentials, the set-up that the article asks for, and its three flows."""

    id: Annotated[OfficeId, Field(gt=0, strict=True)]
    name: StrictStr = ""
    closed: StrictBool = False
    finago: FinagoSettings
    department_id: Number
    online_payment_method_id: Number
    misc_product_id: Number
    misc_product_category_id: Number
    invoices: InvoicesSettings = InvoicesSettings()
    customers_and_projects: CustomersAndProjectsSettings = CustomersAndProjectsSettings()
    costs_and_sales: CostsAndSalesSettings = CostsAndSalesSettings()

    def flow(self, flow: Flow) -> InvoicesSettings | CustomersAndProjectsSettings | CostsAndSalesSettings:
        """The options of one flow; all of them have `enabled` and `schedule`."""
        match flow:
            case Flow.INVOICES:
                return self.invoices
            case Flow.CUSTOMERS_AND_PROJECTS:
                return self.customers_and_projects
            case Flow.COSTS_AND_SALES:
                return self.costs_and_sales

    def schedule(self, flow: Flow) -> str:
        """When the flow runs: five fields of cron, by the clocks of Oslo.

        Where the settings leave the minute open it is always the same one for this office. Offices whose ids are close
        get minutes that are not (Fibonacci hashing), so that a hundred hourly runs do not start together.
        """
        return _with_minute(self.flow(flow).schedule, (self.id * 2654435769 % 2**32) * OPEN_MINUTES >> 32)

    def does(self, flow: Flow) -> bool:
        """Whether this office is open and has the flow enabled."""
        return not self.closed and self.flow(flow).enabled


class SyncSettings(_Section):
    """What holds for the whole installation."""

    call_timeout_seconds: Seconds = 60
    quiet_period_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 900
    lookup_margin_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 600
    lease_margin_seconds: Seconds = 30
    lease_wait_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 60
    max_new_orders: OrderLimit = 1
    invoice_batch_size: Annotated[StrictInt, Field(ge=1, le=1000)] = 50
    company_batch_size: Annotated[StrictInt, Field(ge=1, le=1000)] = 50
    payments_every_minutes: Number = 5
    qondor_calls_per_second: Annotated[Decimal, Field(gt=0)] = Decimal("9.5")
    finago_calls_per_hour: Number = 7200
    poll_seconds: Number = 30
    runs_at_once: Annotated[StrictInt, Field(ge=1, le=8)] = 8
    first_day: date = date(2026, 1, 1)
    keep_tables_days: Days = 90
    keep_runs_days: Days = 90
    tables_url: FileAddress | None = None
    heartbeat_url: WebAddress | None = None


class AccountRange(_Section):
    """Account numbers, both ends included."""

    first: Number
    last: Number

    @model_validator(mode="before")
    @classmethod
    def _from_a_pair(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and len(value) == 2:
            return {"first": value[0], "last": value[1]}
        if isinstance(value, (AccountRange, dict)):
            return value
        raise _mistake("is not a range of accounts.", "Write the first and the last account: [3000, 3999].")

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        if self.first > self.last:
            raise _mistake(f"runs backwards: {self.first} to {self.last}.", f"Write [{self.last}, {self.first}].")
        return self

    def __contains__(self, account: object) -> bool:
        return isinstance(account, int) and self.first <= account <= self.last

    def __len__(self) -> int:
        return self.last - self.first + 1


class AccountSettings(_Section):
    """Which account numbers mean what. An account in two ranges belongs to the narrower one."""

    receivable: AccountRange = AccountRange(first=1500, last=1599)
    bank: AccountRange = AccountRange(first=1900, last=1999)
    payable: AccountRange = AccountRange(first=2400, last=2499)
    vat: AccountRange = AccountRange(first=2700, last=2739)
    revenue: AccountRange = AccountRange(first=3000, last=3999)
    expense: AccountRange = AccountRange(first=4000, last=7999)
    rounding: AccountRange = AccountRange(first=7740, last=7749)

    @model_validator(mode="after")
    def _each_account_has_one_meaning(self) -> Self:
        for (one, these), (other, those) in combinations(self._ranges(), 2):
            shared = max(these.first, those.first), min(these.last, those.last)
            if shared[0] <= shared[1] and len(these) == len(those):
                raise _mistake(
                    f"has equally wide ranges, {one} and {other}, that share the accounts {shared[0]} to {shared[1]}.",
                    "Make one of them narrower: an account in two ranges belongs to the narrower one.",
                )
        return self

    def meaning_of(self, account: int) -> str | None:
        """The name of the narrowest range that holds the account; None where none does."""
        fitting = [(len(accounts), name) for name, accounts in self._ranges() if account in accounts]
        return min(fitting)[1] if fitting else None

    def _ranges(self) -> Iterator[tuple[str, AccountRange]]:
        for name in type(self).model_fields:
            yield name, getattr(self, name)


class AddressSettings(_Section):
    """Where the systems are, when it is not where they usually are; environment variables win (decisions 1)."""

    qondor_base_url: WebAddress = "https://qondor.azure-api.net/Prod"
    finago_api_url: WebAddress = "https://api.24sevenoffice.com"
    finago_webservices_url: WebAddress = "https://webservices.24sevenoffice.com"
    slack_api_url: WebAddress = "https://slack.com/api/"
    slack_channel: StrictStr | None = None
    dagster_ui_url: WebAddress | None = None


class Settings(_Section):
    """The whole file."""

    offices: Annotated[tuple[OfficeSettings, ...], Field(min_length=1)]
    sync: SyncSettings = SyncSettings()
    accounts: AccountSettings = AccountSettings()
    addresses: AddressSettings = AddressSettings()
    _file: Path = PrivateAttr(default=Path(DEFAULT_FILE))

    @field_validator("offices", mode="after")
    @classmethod
    def _each_office_once(cls, offices: tuple[OfficeSettings, ...]) -> tuple[OfficeSettings, ...]:
        seen: set[OfficeId] = set()
        for office in offices:
            if office.id in seen:
                raise _mistake(f"has office {office.id} twice.", "Keep one entry for each office.")
            seen.add(office.id)
        return offices

    @property
    def file(self) -> Path:
        """The file that these settings were read from, as an absolute path."""
        return self._file

    def office(self, office_id: int) -> OfficeSettings:
        """One office by its Qondor id. Raises SettingsError for an office that the file does not have."""
        for office in self.offices:
            if office.id == office_id:
                return office
        known = ", ".join(str(office.id) for office in self.offices)
        raise SettingsError(
            f"{self.file.name}: there is no office {office_id}.",
            remedy=f"Use one of {known}, or add the office to the file.",
        )

    def digest(self) -> str:
        """A SHA-256 of everything that the file says; the same for the same meaning, whatever the layout."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Slack:
    """Where alerts go, and the token that may post there."""

    api_url: str
    channel: str
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where every system is, with the environment already weighed against the file.

    `slack` is None where token or channel are not set: alerts then go to the log. `dagster_ui_url` is where people see
    Dagster's pages, without a slash at its end; None: alerts name the run by its id alone.
    """

    qondor_base_url: str
    finago_api_url: str
    finago_webservices_url: str
    slack: Slack | None = None
    dagster_ui_url: str | None = None

    @classmethod
    def from_environment(cls, settings: Settings, environ: Mapping[str, str] = os.environ) -> Addresses:
        """The addresses of this process.

        Raises SettingsError for an address that is none, and for a quiet period below the call time-out where a real
        system stands behind an address: an order could then be sent twice (decisions 2 and 7).
        """
        in_file = settings.addresses

        def given(name: str) -> str | None:
            return environ.get(name, "").strip() or None

        def address(name: str, otherwise: str) -> str:
            try:
                return _web_address(given(name) or otherwise)
            except PydanticCustomError as error:
                raise SettingsError(f"{name} {error}", remedy=_remedy_of(error.context)) from None

        channel = given("SLACK_CHANNEL") or in_file.slack_channel
        token = given("SLACK_BOT_TOKEN")
        slack_url = address("SLACK_API_URL", in_file.slack_api_url).rstrip("/") + "/"
        ui_url = given("DAGSTER_UI_URL") or in_file.dagster_ui_url
        addresses = cls(
            qondor_base_url=address("QONDOR_BASE_URL", in_file.qondor_base_url).rstrip("/"),
            finago_api_url=address("FINAGO_API_URL", in_file.finago_api_url).rstrip("/"),
            finago_webservices_url=address("FINAGO_WEBSERVICES_URL", in_file.finago_webservices_url).rstrip("/"),
            slack=Slack(api_url=slack_url, channel=channel, token=token) if channel and token else None,
            dagster_ui_url=address("DAGSTER_UI_URL", ui_url).rstrip("/") if ui_url else None,
        )
        if settings.sync.quiet_period_seconds < settings.sync.call_timeout_seconds and not addresses.all_loopback:
            raise SettingsError(
                f"{settings.file.name}: sync.quiet_period_seconds is shorter than sync.call_timeout_seconds.",
                remedy="Make it longer than a call can last; a shorter one is for local stand-ins only.",
            )
        return addresses

    @property
    def all_loopback(self) -> bool:
        """Whether both Qondor and Finago are on this machine, as the sandbox is."""
        return all(
            _is_loopback(url) for url in (self.qondor_base_url, self.finago_api_url, self.finago_webservices_url)
        )

    def qondor_subscription_key(self, environ: Mapping[str, str] = os.environ) -> str:
        """Qondor's key, read when it is needed. Raises SettingsError when it is not set."""
        key = environ.get(SUBSCRIPTION_KEY_VARIABLE, "").strip()
        if not key:
            raise SettingsError(
                f"The environment variable {SUBSCRIPTION_KEY_VARIABLE} is not set.",
                remedy="Set it to the subscription key that Qondor gave you, and start the sync again.",
            )
        return key


def find_settings_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The settings file: QONDOR_FINAGO_SETTINGS, else `offices.yaml` in the working directory. It need not exist."""
    given = environ.get(SETTINGS_VARIABLE, "").strip()
    return (Path(given).expanduser() if given else Path(DEFAULT_FILE)).resolve()


def dagster_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the Dagster instance: DAGSTER_HOME, else `.dagster` beside the settings file."""
    given = environ.get(DAGSTER_HOME_VARIABLE, "").strip()
    return Path(given).expanduser().resolve() if given else find_settings_file(environ).parent / ".dagster"


def store_url(environ: Mapping[str, str] = os.environ) -> str:
    """The store's address, as SQLAlchemy takes it: PostgreSQL where it is set, else a SQLite file.

    Raises SettingsError where the address is unusable, and where Dagster already stores in PostgreSQL while this would
    be SQLite: several machines would then each keep a store of their own, and double every order.
    """
    home = dagster_home(environ)
    given = environ.get(DATABASE_VARIABLE, "").strip()
    if given and not given.startswith(("sqlite:///", POSTGRESQL)):
        raise SettingsError(
            f"{DATABASE_VARIABLE} is not an address that the store can use.",
            remedy=f"Write {POSTGRESQL}user:password@host/database, or sqlite:/// and a path.",
        )
    if not given.startswith(POSTGRESQL) and _dagster_stores_in_postgresql(home):
        raise SettingsError(
            f"{home / 'dagster.yaml'} stores in PostgreSQL, but {DATABASE_VARIABLE} names no PostgreSQL database.",
            remedy=f"Set {DATABASE_VARIABLE}, or remove that file to go back to SQLite.",
        )
    return given or f"sqlite:///{home / STORE_FILE}"


def load_settings(path: Path) -> Settings:
    """Read the settings file.

    Raises SettingsError with one line for each mistake: file, office, key, what is wrong, what to do.
    """
    path = path.resolve()
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_OncePerKeyLoader)
    except FileNotFoundError:
        raise SettingsError(
            f"{path}: there is no such settings file.",
            remedy=f"Copy {EXAMPLE_FILE} to it, or name another file in {SETTINGS_VARIABLE}.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: the settings file cannot be read ({type(error).__name__}).",
            remedy="It must be a text file in UTF-8 that this user may read.",
        ) from None
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(
            f"{path.name}{line}: not readable as YAML: {error.problem}.", remedy="Mend that line."
        ) from None
    except yaml.YAMLError as error:
        raise SettingsError(
            f"{path.name}: not readable as YAML ({type(error).__name__}).", remedy=f"Compare it with {EXAMPLE_FILE}."
        ) from None
    if not isinstance(content, dict):
        raise SettingsError(
            f"{path.name}: holds no settings.", remedy=f"Start with a list under 'offices:', as in {EXAMPLE_FILE}."
        )
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        lines = [_line(path, content, mistake) for mistake in _mistakes(error)]
        raise SettingsError("\n".join(lines)) from None
    settings._file = path
    for office in settings.offices:
        office.finago._where = f"{path.name}: office {office.id}"
    return settings


class _OncePerKeyLoader(yaml.SafeLoader):
    """YAML lets a later key silently replace an earlier one; here that is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands here for the second time", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _mistakes(error: ValidationError) -> Iterator[ErrorDetails]:
    """The mistakes, one a key."""
    seen: set[tuple[int | str, ...]] = set()
    for mistake in error.errors(include_input=False, include_url=False):
        place = mistake["loc"]
        # A list whose entries have mistakes counts as too short as well, which would say nothing true.
        is_echo = mistake["type"] == "too_short" and any(earlier[: len(place)] == place for earlier in seen)
        if place not in seen and not is_echo:
            seen.add(place)
            yield mistake


def _line(path: Path, content: dict[Any, Any], mistake: ErrorDetails) -> str:
    place = list(mistake["loc"])
    where = path.name
    if len(place) > 1 and place[0] == "offices" and isinstance(place[1], int):
        where += f": {_name_of_office(content['offices'][place[1]], place[1])}"
        place = place[2:]
    key = ".".join(str(part) for part in place)
    problem, remedy = _explain(mistake)
    separator = ", " if ": " in where else ": "
    return f"{where}{separator}{key} {problem} {remedy}" if key else f"{where}: this {problem} {remedy}"


def _name_of_office(entry: Any, index: int) -> str:
    known = entry.get("id") if isinstance(entry, dict) else None
    return f"office {known}" if isinstance(known, int) else f"the office at place {index + 1}"


def _explain(mistake: ErrorDetails) -> tuple[str, str]:
    """What is wrong with a key, and the remedy, in plain words. The value itself is never shown: it may be a secret."""
    context = mistake.get("ctx", {})
    match mistake["type"]:
        case "mistake":
            return str(context["problem"]), _remedy_of(context)
        case "missing":
            return "is missing.", f"Add it; {EXAMPLE_FILE} shows how."
        case "extra_forbidden":
            return "is not a known key.", _similar_key(str(mistake["loc"][-1]))
        case "int_type" | "int_parsing" | "int_from_float":
            return "is not a whole number.", "Write digits only, without quotes."
        case "float_type" | "float_parsing" | "decimal_type" | "decimal_parsing" | "finite_number":
            return "is not a number.", "Write digits, with a point for the decimals, without quotes."
        case kind if kind.startswith("date"):
            return "is not a day.", "Write it as 2026-01-01."
        case "bool_type":
            return "is neither true nor false.", "Write true or false, without quotes."
        case "string_type":
            return "is not a text.", "Put it in quotes."
        case "string_pattern_mismatch":
            return "is not the name of an environment variable.", "Use letters, digits and underscores only."
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return "is out of range.", f"{mistake['msg'].replace('Input should be', 'It must be')}."
        case "literal_error":
            return "is not one of the known values.", f"Write {context.get('expected', 'one of them')}."
        case "too_short":
            return "is empty.", "Add at least one office."
        case "model_type" | "model_attributes_type" | "tuple_type" | "dict_type":
            return "does not have the right shape.", f"Compare it with {EXAMPLE_FILE}."
        case _:
            return f"cannot be used: {mistake['msg']}.", f"Compare it with {EXAMPLE_FILE}."


def _similar_key(key: str) -> str:
    known = {name for section in _SECTIONS for name in section.model_fields}
    alike = difflib.get_close_matches(key, sorted(known), n=1)
    return f"Did you mean {alike[0]}?" if alike else f"Remove it, or see {EXAMPLE_FILE} for the known keys."


def _remedy_of(context: Mapping[str, Any] | None) -> str:
    return str((context or {}).get("remedy", ""))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _dagster_stores_in_postgresql(home: Path) -> bool:
    try:
        content = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        # A broken instance file is Dagster's to report.
        return False
    return isinstance(content, dict) and any(_names_postgresql(content.get(key)) for key in _DAGSTER_STORAGES)


def _names_postgresql(storage: object) -> bool:
    """`postgres: …`, as our own instance file has it, or a class of `dagster_postgres`, as Dagster's Helm chart has."""
    if not isinstance(storage, dict):
        return False
    by_class = storage.get("custom", storage)
    module = by_class.get("module") if isinstance(by_class, dict) else None
    return "postgres" in storage or str(module).startswith("dagster_postgres")


_SECTIONS: tuple[type[BaseModel], ...] = (
    Settings,
    OfficeSettings,
    FinagoSettings,
    InvoicesSettings,
    CustomersAndProjectsSettings,
    CostsAndSalesSettings,
    SyncSettings,
    AccountSettings,
    AddressSettings,
)
