"""The Finago stand-in: SOAP whose operations, types and schema are those of the WSDLs it serves."""
