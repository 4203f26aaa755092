"""HTTP over an inherited socket: requests, answers, and the loop that calls what stands in a table."""

from __future__ import annotations

import json
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class RequestError(Exception):
    """A request that cannot be carried out: its answer is this text and a status."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request that has been read whole."""

    query: Mapping[str, str]
    content_type: str
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; an empty body is an empty one."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError as error:
            raise RequestError(f"the body is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise RequestError(f"the body must be a JSON object, and is {value!r:.80}")
        return value

    def form(self) -> dict[str, bytes]:
        """Return the fields of a form, of either kind that browsers send."""
        header = Message()
        header["content-type"] = self.content_type
        boundary = header.get_boundary()
        if boundary is None:
            return {name: value.encode() for name, value in parse_qsl(self.body.decode())}
        parts = (b"\r\n" + self.body).split(b"\r\n--" + boundary.encode())
        return dict(_field(part) for part in parts[1:-1])


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    body: bytes
    content_type: str = "application/octet-stream"
    status: int = 200


Handler = Callable[[Request], Reply]


def as_json(value: Any, status: int = 200) -> Reply:
    """Return a value as the answer."""
    return Reply(json.dumps(value).encode(), "application/json", status)


def as_text(text: str, status: int = 200) -> Reply:
    """Return a text as the answer."""
    return Reply(text.encode(), "text/html; charset=utf-8", status)


def serve(listener: int, table: Mapping[tuple[str, str], Handler]) -> None:
    """Answer requests on an inherited listening socket, each connection in a thread of its own, until the process is ended.

    Args:
        listener: its file descriptor.
        table: what answers a method and a path.
    """

    class Answerer(_Answerer):
        handlers = table

    with _Server(("", 0), Answerer, bind_and_activate=False) as server:
        server.socket.close()
        server.socket = socket.socket(fileno=listener)
        server.serve_forever()


class _Server(ThreadingHTTPServer):
    address_family = socket.AF_UNIX
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; print the rest."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            traceback.print_exc()


class _Answerer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one piece
    handlers: Mapping[tuple[str, str], Handler]

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no log of requests."""

    def _answer(self, method: str) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = Request(dict(parse_qsl(url.query)), self.headers.get("content-type", ""), body)
        handler = self.handlers.get((method, url.path))
        reply = as_text(f"there is no {method} {url.path}", 404) if handler is None else _called(handler, request)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)


def _called(handler: Handler, request: Request) -> Reply:
    try:
        return handler(request)
    except RequestError as error:
        return as_json({"status": "error", "message": str(error), "error": str(error)}, error.status)
    except Exception as error:  # whatever it is, the caller hears of it, as from OSWorld's server
        traceback.print_exc()
        return as_json({"status": "error", "message": f"{type(error).__name__}: {error}"}, 500)


def _field(part: bytes) -> tuple[str, bytes]:
    head, _, content = part.partition(b"\r\n\r\n")
    headers = Message()
    for line in head.decode().strip().splitlines():
        name, _, value = line.partition(":")
        headers[name] = value.strip()
    return str(headers.get_param("name", header="content-disposition")), content
