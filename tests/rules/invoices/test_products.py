"""Article number to ProductId: mapped by product category; product VAT rates must match."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from qondor_finago_pipelines.records.identifiers import QondorInvoiceId
from qondor_finago_pipelines.records.invoices.invoices import InvoiceLine
from qondor_finago_pipelines.records.invoices.orders import Product, ProductCategory
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.invoices.products import Catalogue, categories_to_read, choose_product
from tests.rules.builders import CATALOGUE, invoice, line

INVOICE = QondorInvoiceId(9001)


def product(product_id: int, rate: str, **members: object) -> Product:
    return replace(Product(id=product_id, tax_rate=Decimal(rate), status_id=1), **members)  # type: ignore[arg-type]


def with_products(catalogue: Catalogue, *products: Product) -> Catalogue:
    return replace(catalogue, products={3: products})


def chosen(line: InvoiceLine, catalogue: Catalogue) -> int:
    found = choose_product(INVOICE, 2, line, catalogue)
    assert isinstance(found, Product), found
    return found.id


def refused(line: InvoiceLine, catalogue: Catalogue) -> Refusal:
    found = choose_product(INVOICE, 2, line, catalogue)
    assert isinstance(found, Refusal), found
    assert "Invoice 9001, line 2" in found.message
    assert len(str(found)) <= 500
    return found


def test_the_product_is_the_one_of_the_articles_category_with_the_lines_vat() -> None:
    assert chosen(line(), CATALOGUE) == 31
    assert chosen(line(vat_percentage=Decimal("12.00")), CATALOGUE) == 32


def test_of_several_the_one_with_the_articles_own_number_is_taken() -> None:
    several = with_products(CATALOGUE, product(5, "25"), product(6, "25", number=" 3000 "), product(4, "25"))
    assert chosen(line(), several) == 6


def test_else_the_one_with_the_lowest_id() -> None:
    assert chosen(line(), with_products(CATALOGUE, product(5, "25"), product(4, "25"))) == 4


def test_a_product_that_is_no_longer_active_is_not_taken() -> None:
    expired = with_products(CATALOGUE, product(4, "25", status_id=0), product(5, "25"))
    assert chosen(line(), expired) == 5


def test_product_vat_mismatch_names_article_line_and_all_rates() -> None:
    refusal = refused(line(vat_percentage=Decimal(15)), CATALOGUE)
    assert refusal.reason is Reason.VAT_MISMATCH
    assert "article 3000 has 15 % VAT" in refusal.message
    assert "12 % and 25 %" in refusal.message
    assert "15 % VAT" in refusal.remedy


def test_the_rates_of_inactive_products_are_not_offered() -> None:
    refusal = refused(line(), with_products(CATALOGUE, product(4, "25", status_id=0), product(5, "12")))
    assert "have 12 %." in refusal.message


def test_a_category_without_products_is_a_vat_mismatch_with_no_rates() -> None:
    refusal = refused(line(), with_products(CATALOGUE))
    assert refusal.reason is Reason.VAT_MISMATCH
    assert "have none." in refusal.message


def test_an_unmapped_article_becomes_the_misc_product_if_its_rate_fits() -> None:
    assert chosen(line(article_number="7777"), CATALOGUE) == 900
    assert chosen(line(article_number=None), CATALOGUE) == 900


def test_the_misc_product_comes_before_the_misc_category() -> None:
    both = replace(CATALOGUE, products={9: (product(1, "25"),)})
    assert chosen(line(article_number="7777"), both) == 900


def test_else_a_product_of_the_misc_category() -> None:
    assert chosen(line(article_number="7777", vat_percentage=Decimal(0)), CATALOGUE) == 91


def test_an_expired_misc_product_is_passed_over() -> None:
    assert CATALOGUE.misc_product is not None
    expired = replace(CATALOGUE, misc_product=replace(CATALOGUE.misc_product, status_id=0, tax_rate=Decimal(0)))
    assert chosen(line(article_number=None, vat_percentage=Decimal(0)), expired) == 91


def test_no_misc_product_with_the_rate_is_a_vat_mismatch_too() -> None:
    refusal = refused(line(article_number="7777", vat_percentage=Decimal(15)), CATALOGUE)
    assert refusal.reason is Reason.VAT_MISMATCH
    for part in ("article 7777", "15 %", "25 %", "0 %", "category 9"):
        assert part in refusal.message


def test_without_misc_product_and_category_an_unmapped_article_is_a_matter_of_set_up() -> None:
    bare = Catalogue(categories=CATALOGUE.categories[:1], misc_category_id=9)
    refusal = refused(line(article_number="7777"), bare)
    assert refusal.reason is Reason.SET_UP
    assert "misc_product_id" in refusal.remedy


def test_an_empty_article_number_never_matches_a_category_without_number() -> None:
    nameless = replace(CATALOGUE, categories=(*CATALOGUE.categories, ProductCategory(id=4, number="")))
    assert chosen(line(article_number="  "), nameless) == 900


def test_an_empty_article_number_prefers_no_product_over_the_lowest_id() -> None:
    misc = replace(
        CATALOGUE, misc_product=None, products={9: (product(8, "25", number=""), product(7, "25", number="A"))}
    )
    assert chosen(line(article_number=None), misc) == 7


def test_two_categories_with_one_number_are_not_chosen_between() -> None:
    doubled = replace(CATALOGUE, categories=(*CATALOGUE.categories, ProductCategory(id=30, number="3000")))
    refusal = refused(line(), doubled)
    assert refusal.reason is Reason.SET_UP
    assert "3 and 30" in refusal.message


def test_only_the_categories_that_the_invoices_need_are_read() -> None:
    assert categories_to_read([invoice()], CATALOGUE.categories, 9) == {3}
    assert categories_to_read([invoice(lines=(line(article_number="7777"),))], CATALOGUE.categories, 9) == {9}
    assert categories_to_read([invoice(lines=(line(), line(article_number=None)))], CATALOGUE.categories, 9) == {3, 9}
    assert categories_to_read([], CATALOGUE.categories, 9) == set()
