"""`offices.yaml` as pydantic models: every option of the integration, in one place, with its default (decisions 2)."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, StrictBool, StrictInt, StrictStr, field_validator

from ..records.errors import SettingsError
from ..records.identifiers import OfficeId
from ..records.operations.results import Flow
from .accounts import AccountSettings
from .credentials import FinagoSettings
from .fields import (
    DEFAULT_FILE,
    OPEN_MINUTES,
    CronSchedule,
    Days,
    FileAddress,
    Hours,
    Number,
    OrderLimit,
    Seconds,
    Section,
    WebAddress,
    mistake_in_key,
    with_minute,
)


class InvoicesSettings(Section):
    """The invoice flow of one office."""

    enabled: StrictBool = True
    schedule: CronSchedule = "*/5 * * * *"
    days_backwards: Days = 30
    send_to_factoring_directly: StrictBool = False
    fail_in_qondor_after_hours: Hours = 24


class CustomersAndProjectsSettings(Section):
    """The customer and project flow of one office."""

    enabled: StrictBool = True
    schedule: CronSchedule = "0 * * * *"
    changed_within_days: Days = 7


class CostsAndSalesSettings(Section):
    """The cost and sales flow of one office."""

    enabled: StrictBool = True
    schedule: CronSchedule = "0 5 * * *"
    days_backwards: Days = 14
    sales_invoiced_by_qondor: Literal["skip", "load"] = "skip"
    other_expenses: Literal["corrections", "list", "all"] = "corrections"
    foreign_lines: Literal["hold", "stated", "home"] = "hold"


class OfficeSettings(Section):
    """One Qondor office: its Finago credentials, the set-up that the article asks for, and its three flows."""

    id: Annotated[OfficeId, Field(gt=0, strict=True)]
    name: StrictStr = ""
    closed: StrictBool = False
    finago: FinagoSettings
    department_id: Number
    online_payment_method_id: Number
    misc_product_id: Number
    misc_product_category_id: Number
    rounding_product_id: Number | None = None
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
        return with_minute(self.flow(flow).schedule, (self.id * 2654435769 % 2**32) * OPEN_MINUTES >> 32)

    def does(self, flow: Flow) -> bool:
        """Whether this office is open and has the flow enabled."""
        return not self.closed and self.flow(flow).enabled


class SyncSettings(Section):
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


class AddressSettings(Section):
    """Where the systems are, when it is not where they usually are; environment variables win (decisions 1)."""

    qondor_base_url: WebAddress = "https://qondor.azure-api.net/Prod"
    finago_api_url: WebAddress = "https://api.24sevenoffice.com"
    finago_webservices_url: WebAddress = "https://webservices.24sevenoffice.com"
    slack_api_url: WebAddress = "https://slack.com/api/"
    slack_channel: StrictStr | None = None
    dagster_ui_url: WebAddress | None = None


class Settings(Section):
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
                raise mistake_in_key(f"has office {office.id} twice.", "Keep one entry for each office.")
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
