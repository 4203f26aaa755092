"""The client of OpenAI-compatible servers, against a server in this process that speaks the protocol."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from hub_baselines.language import Message
from hub_baselines.language.openai import OpenAIClient, data_uri
from PIL import Image

from hub.errors import HubError, UsageError


class Server(ThreadingHTTPServer):
    """Answers with what `answers` holds, in order, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, dict[str, str], dict]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def says(self, text: str, status: int = 200, **headers: str) -> None:
        message = {"choices": [{"message": {"role": "assistant", "content": text}}], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
        self.answers.append((status, headers, json.dumps(message).encode()))


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        status, headers, answer = self.server.answers.pop(0)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(answer))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(server: Server) -> Iterator[OpenAIClient]:
    client = OpenAIClient(server.url, "tiny", backoff=0.0, retries=2)
    yield client
    client.close()


HELLO = [Message("system", ("Be brief.",)), Message("user", ("Hello", "there"))]


def ask(client: OpenAIClient, messages=HELLO):
    return client.complete(messages, max_tokens=5, temperature=0.5, stop=["\n"], seed=3)


def test_text_goes_as_the_api_writes_it_and_tokens_come_back(server, client):
    server.says("hi")
    reply = ask(client)
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens) == ("hi", 7, 2)
    path, headers, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert body == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello\n\nthere"}],
        "max_tokens": 5,
        "temperature": 0.5,
        "stop": ["\n"],
        "seed": 3,
    }


def test_half_a_character_breaks_nothing(server, client):
    server.says("sm\ud83dile")  # what is left of a smiley that the token limit cut
    reply = ask(client, [Message("user", ("wri\udc00te",))])
    assert reply.text == "sm?ile"
    assert server.asked[0][2]["messages"][0]["content"] == "wri?te"


def test_a_picture_arrives_pixel_by_pixel(server, client):
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    server.says("a picture")
    ask(client, [Message("user", ("What is this?", picture))])
    text, image = server.asked[0][2]["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    head, _, data = image["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), picture)
    assert data_uri(picture) == image["image_url"]["url"]


def test_busy_and_failing_servers_are_asked_again(server, client):
    server.answers += [(429, {"Retry_After": "0"}, b"slow down"), (503, {"Retry_After": "Thu, 01 Jan 1970 00:00:00 GMT"}, b"")]
    server.says("at last")
    assert ask(client).text == "at last"
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("named", "pauses"),
    [
        ([None] * 5, [1.5, 3.0, 6.0, 12.0]),
        (["7", None, "-3", "3600", None], [7.0, 3.0, 0.0, 60.0]),  # a minute at most, whatever the server wants
        (["soon"] * 5, [1.5, 3.0, 6.0, 12.0]),
    ],
)
def test_pauses_double_unless_the_server_names_them(server, monkeypatch, named, pauses):
    slept = []
    monkeypatch.setattr("hub_baselines.language.openai.time.sleep", slept.append)
    server.answers += [(429, {} if wait is None else {"Retry_After": wait}, b"") for wait in named]
    client = OpenAIClient(server.url, "tiny", retries=4, backoff=1.5)
    with pytest.raises(HubError, match="5 tries"):
        ask(client)
    assert slept == pauses
    client.close()


def test_a_server_that_stays_busy_is_given_up(server, client):
    server.answers += [(500, {}, b"out of memory")] * 3
    with pytest.raises(HubError, match=r"127\.0\.0\.1:.*500.*out of memory.*3 tries"):
        ask(client)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (404, b"no such model", "answered 404.*no such model.*model=tiny"),
        (401, b"", "refused access.*api_key_env"),
        (200, b"<html>", "no chat completion.*/v1"),
        (200, b"[]", "no chat completion"),
        (200, b'{"choices": []}', "no chat completion"),
    ],
)
def test_refusals_say_what_to_look_at_and_are_not_repeated(server, client, status, body, message):
    server.answers.append((status, {}, body))
    with pytest.raises(HubError, match=message):
        ask(client)
    assert len(server.asked) == 1


def test_the_key_comes_from_the_environment_and_is_in_no_message(server, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "secret-7")
    client = OpenAIClient(server.url, "tiny", api_key_env="SOME_KEY", retries=0)
    server.says("hi")
    ask(client)
    assert server.asked[0][1]["Authorization"] == "Bearer secret-7"
    server.answers.append((400, {}, b"wrong key secret-7"))
    with pytest.raises(HubError, match=r"wrong key \[key\]"):
        ask(client)
    client.close()
    monkeypatch.delenv("SOME_KEY")
    with pytest.raises(UsageError, match="SOME_KEY, which is not set"):
        OpenAIClient(server.url, "tiny", api_key_env="SOME_KEY")


def test_a_server_that_is_not_there(server):
    with Server() as gone:
        url = gone.url
    client = OpenAIClient(url, "tiny", retries=1, backoff=0.0)
    with pytest.raises(HubError, match=r"cannot be reached.*base_url=.*2 tries"):
        ask(client)
    client.close()


def test_fewer_tries_than_one_are_refused():
    with pytest.raises(UsageError, match="retries cannot be -1"):
        OpenAIClient("http://localhost:1/v1", "tiny", retries=-1)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x/v1", "http://", "http://user:pass@host/v1", "http://host/v1?key=1"])
def test_addresses_that_cannot_be(url):
    with pytest.raises(UsageError, match="base_url"):
        OpenAIClient(url, "tiny")
