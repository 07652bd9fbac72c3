"""The schemas inside the package's own WSDLs, to judge the requests by: elements, their order, their values."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from qondor_finago_pipelines.systems.finago.soap import PACKAGE_WSDLS

_XS = "{http://www.w3.org/2001/XMLSchema}"
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"

SERVICES_BY_PATH = {
    "/authenticate/v001/authenticate.asmx": "authenticate",
    "/Client/V001/ClientService.asmx": "client",
    "/CRM/Company/V001/CompanyService.asmx": "company",
    "/Economy/InvoiceOrder/V001/InvoiceService.asmx": "invoice",
    "/Logistics/Product/V001/ProductService.asmx": "product",
    "/Project/V001/ProjectService.asmx": "project",
}


@cache
def schema_of(service: str) -> etree.XMLSchema:
    """The schemas of one WSDL as one, with their imports pointed at each other."""
    parts = etree.parse(PACKAGE_WSDLS / f"{service}.wsdl").getroot().iter(f"{_XS}schema")
    by_namespace = {part.get("targetNamespace"): part for part in parts}
    with TemporaryDirectory() as folder:
        files = {namespace: Path(folder) / f"{number}.xsd" for number, namespace in enumerate(by_namespace)}
        for namespace, part in by_namespace.items():
            for imported in part.iter(f"{_XS}import"):
                imported.set("schemaLocation", files[imported.get("namespace")].name)
            files[namespace].write_bytes(etree.tostring(part))
        return etree.XMLSchema(etree.parse(next(iter(files.values()))))


def arguments_of(body: bytes) -> etree._Element:
    """The one element in the Body of a request's envelope."""
    root = etree.fromstring(body)
    assert root.tag == f"{_SOAP}Envelope"
    (content,) = root.find(f"{_SOAP}Body")
    return content


def violations(path: str, body: bytes) -> list[str]:
    """What the schema of the service at `path` objects to in a request."""
    schema = schema_of(SERVICES_BY_PATH[path])
    schema.validate(arguments_of(body))
    return [str(error.message) for error in schema.error_log]


def tree_of(element: etree._Element) -> object:
    """An element as nested pairs of name and content, in order: what a reader compares with an expectation."""
    if len(element) == 0:
        return element.text
    return [(etree.QName(child).localname, tree_of(child)) for child in element]
