"""The WSDLs as data: which services, operations and SOAPActions there are, and the schema that requests must keep.

A folder is read file by file and matched by service name, never by file name, so that the real WSDLs can be put in
place of the project's own (`--wsdl`).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from .shapes import XS, Shapes

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
SOAP12 = "{http://schemas.xmlsoap.org/wsdl/soap12/}"

OWN_FOLDER = Path(__file__).resolve().parents[2] / "systems" / "finago" / "wsdl"
_SCHEME = "wsdl-types:"

ON_WEBSERVICES_HOST = frozenset({"ProjectService"})
"""Services on the second host (contract/finago.md 1); all others are on the first."""


@dataclass(frozen=True)
class Service:
    """One WSDL. `path` is what follows the host; `operations` maps names to SOAPActions."""

    name: str
    namespace: str
    path: str
    operations: dict[str, str]
    schema: etree.XMLSchema
    shapes: Shapes
    source: etree._Element

    @property
    def on_webservices_host(self) -> bool:
        return self.name in ON_WEBSERVICES_HOST

    def violation(self, request: etree._Element) -> str | None:
        """What the schema has against the request element, or None."""
        if self.schema.validate(request):
            return None
        error = self.schema.error_log.last_error
        return str(error.message) if error is not None else "the document does not fit the schema"

    def wsdl(self, address: str) -> bytes:
        """The WSDL as `?wsdl` gives it, every port at `address`."""
        document = copy.deepcopy(self.source)
        for port in document.iter(f"{SOAP}address", f"{SOAP12}address"):
            port.set("location", address)
        described: bytes = etree.tostring(document, xml_declaration=True, encoding="utf-8")
        return described


@lru_cache
def read_folder(folder: Path = OWN_FOLDER) -> dict[str, Service]:
    """Every service of the folder, by name; read once for all the sandboxes of a process.

    Raises:
        ValueError: when the folder holds no WSDL.
    """
    services = [_read(path) for path in sorted(folder.glob("*.wsdl"))]
    if not services:
        raise ValueError(f"No *.wsdl files in {folder}; give a folder that holds Finago's WSDLs.")
    return {service.name: service for service in services}


def _read(path: Path) -> Service:
    root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    namespace = root.get("targetNamespace", "")
    service = root.find(f"{WSDL}service")
    if service is None:
        raise ValueError(f"{path.name} has no wsdl:service; take it out of the folder or mend it.")
    address = service.find(f"{WSDL}port/{SOAP}address")
    if address is None:
        raise ValueError(f"{path.name} has no SOAP 1.1 port; take it out of the folder or mend it.")
    operations: dict[str, str] = {}
    for operation in root.iterfind(f"{WSDL}binding/{WSDL}operation"):
        soap = operation.find(f"{SOAP}operation")
        if soap is not None:
            operations[operation.get("name", "")] = soap.get("soapAction", "")
    name = service.get("name", "")
    path_of_service = urlsplit(address.get("location", "")).path.lstrip("/").lower()
    return Service(name, namespace, path_of_service, operations, _schema(root, namespace), Shapes(root), root)


def _schema(root: etree._Element, namespace: str) -> etree.XMLSchema:
    """One schema of all the xs:schema blocks of a WSDL, which import each other by namespace only."""
    blocks = {block.get("targetNamespace", ""): block for block in root.iter(f"{XS}schema")}
    documents: dict[str, bytes] = {}
    for space, block in blocks.items():
        # Through text, not by copying: only so does the block take the prefixes declared above it along.
        alone = etree.fromstring(etree.tostring(block))
        for imported in alone.iterfind(f"{XS}import"):
            if imported.get("namespace") in blocks:
                imported.set("schemaLocation", _SCHEME + imported.get("namespace", ""))
        documents[space] = etree.tostring(alone)

    class Blocks(etree.Resolver):  # type: ignore[misc]
        def resolve(self, url: str, _public_id: str, context: object) -> object:
            return self.resolve_string(documents[url.removeprefix(_SCHEME)], context, base_url=url)

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Blocks())
    return etree.XMLSchema(etree.fromstring(documents[namespace], parser))
