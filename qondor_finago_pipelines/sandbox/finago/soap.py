"""SOAP 1.1 and 1.2: taking a request apart, and writing replies and faults as ASP.NET web services write them."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from ..wire import Reply, Request
from .shapes import XSI

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
XSD = "http://www.w3.org/2001/XMLSchema"
CONTENT_TYPE = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}


class SoapFault(Exception):
    """The whole call fails with this faultstring. `of_client`: the request itself was wrong."""

    def __init__(self, message: str, *, of_client: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.of_client = of_client


class RequestFailed(SoapFault):
    """What a service throws while it works, in ASP.NET's wrapping."""

    def __init__(self, inner: str) -> None:
        super().__init__(f"Server was unable to process request. ---> {inner}")


class UnreadableRequest(SoapFault):
    """A request that the serializer cannot read: broken XML, or one that violates the schema."""

    def __init__(self, inner: str) -> None:
        super().__init__(f"Server was unable to read request. ---> {inner}", of_client=True)


@dataclass(frozen=True)
class Envelope:
    """An incoming message: its SOAP version, the first element of the Body, and the SOAPAction without quotes."""

    version: str
    element: etree._Element
    action: str | None

    @property
    def operation(self) -> str:
        return str(etree.QName(self.element).localname)


def open_envelope(request: Request) -> Envelope:
    """The message of a POST; raises UnreadableRequest."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(request.body, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableRequest(f"There is an error in the XML document: {error.msg}") from error
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in CONTENT_TYPE:
        raise UnreadableRequest("Possible SOAP version mismatch: the envelope is of no known namespace.")
    version: str = name.namespace
    body = root.find(f"{{{version}}}Body")
    element = None if body is None else next(body.iterchildren(tag=etree.Element), None)
    if element is None:
        raise UnreadableRequest("The SOAP body is empty.")
    return Envelope(version, element, _action(request, version))


def _action(request: Request, version: str) -> str | None:
    if version == SOAP_11:
        action = request.headers.get("soapaction")
        return None if action is None else action.strip().strip('"')
    for parameter in request.headers.get("content-type", "").split(";")[1:]:
        key, _, value = parameter.strip().partition("=")
        if key == "action":
            return value.strip('"')
    return None


def response(element: etree._Element, version: str, status: int = 200) -> Reply:
    """A message with this element in its Body."""
    envelope = etree.Element(f"{{{version}}}Envelope", nsmap={"soap": version, "xsi": XSI, "xsd": XSD})
    etree.SubElement(envelope, f"{{{version}}}Body").append(element)
    body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return Reply(status=status, body=body, content_type=CONTENT_TYPE[version])


def fault(problem: SoapFault, version: str) -> Reply:
    """HTTP 500 with a Fault, in the form of the SOAP version that the caller speaks."""
    tag = f"{{{version}}}"
    element = etree.Element(f"{tag}Fault", nsmap={"soap": version})
    if version == SOAP_11:
        etree.SubElement(element, "faultcode").text = "soap:Client" if problem.of_client else "soap:Server"
        etree.SubElement(element, "faultstring").text = problem.message
        etree.SubElement(element, "detail")
    else:
        code = etree.SubElement(element, f"{tag}Code")
        etree.SubElement(code, f"{tag}Value").text = "soap:Sender" if problem.of_client else "soap:Receiver"
        reason = etree.SubElement(element, f"{tag}Reason")
        wording = etree.SubElement(reason, f"{tag}Text")
        wording.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
        wording.text = problem.message
    return response(element, version, status=500)
