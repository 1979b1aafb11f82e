"""The address that a server of this machine listens at."""

import socket

from scrapy.exceptions import UsageError


def listening_at(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes any free one.

    Raise `UsageError` for a host that is not this machine's and for a port that is taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)[0][0]
    except OSError as error:
        raise UsageError(f"{host}:{port} is no address of this machine ({error})", print_help=False) from None
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        message = f"port {port} of {host} cannot be used ({error}); end what uses it, or choose another: --port 8001"
        raise UsageError(message, print_help=False) from None
    listening.listen(256)
    return listening
