"""An office's machine on this computer: it takes what it is sent, or refuses as a test tells it."""

import base64
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from property_oversight.petition.models import Subscriber

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two characters").decode()


@dataclass
class Call:
    """One request as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def sequence(self) -> int:
        return int(json.loads(self.body)["sequence"])


@dataclass
class Office:
    """A machine that listens; `answers` are the statuses of its next answers, then 204."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)

    def subscribe(self, name: str = "信访办", **more) -> Subscriber:
        return Subscriber.objects.create(name=name, **{"url": self.url, "secret": SECRET, **more})


@pytest.fixture
def office(settings, monkeypatch) -> Iterator[Office]:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    machine = Office()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            machine.calls.append(Call({k.lower(): v for k, v in self.headers.items()}, body))
            status = machine.answers.popleft() if machine.answers else 204
            self.send_response(status)
            if status in {301, 302}:
                self.send_header("location", machine.url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    machine.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield machine
    server.shutdown()
    server.server_close()
    thread.join()
