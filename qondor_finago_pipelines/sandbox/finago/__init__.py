"""The Finago stand-in: SOAP over the WSDLs as data, answers rendered from the sandbox's own tables of members."""
