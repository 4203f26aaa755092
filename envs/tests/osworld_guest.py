"""A control server with the endpoints of OSWorld's original one that tests need, over a folder in place of a machine."""

import json
import subprocess
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
from PIL import Image

TREE = (
    '<desktop-frame xmlns:st="https://accessibility.ubuntu.example.org/ns/state"'
    ' xmlns:cp="https://accessibility.ubuntu.example.org/ns/component">'
    '<push-button name="OK \u2713" st:showing="true" st:visible="true" st:focusable="true" cp:screencoord="(10, 20)" cp:size="(40, 16)"/>'
    '<push-button name="Hidden" st:visible="true" cp:screencoord="(1, 1)" cp:size="(4, 4)"/>'
    '<panel name="Panel" st:showing="true" st:visible="true" cp:screencoord="(0, 0)" cp:size="(64, 48)"/></desktop-frame>'
)


class Guest:
    """`url` answers; `asked` lists (path, payload); commands of `python -c` are noted and not run, unless they begin with `raise`."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, []
        self.screen = np.zeros((48, 64, 3), np.uint8)
        guest = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                guest.answer(self, self.path, None)

            def do_POST(self):
                guest.answer(self, self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler, path, body) -> None:
        payload = body
        if body and "json" in handler.headers.get("Content-Type", ""):
            payload = json.loads(body)
        self.asked.append((path, payload))
        status, content = self.reply(path, payload, handler.headers)
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def reply(self, path, payload, headers) -> tuple[int, bytes]:
        if path == "/screenshot":
            file = BytesIO()
            Image.fromarray(self.screen).save(file, "PNG")
            return 200, file.getvalue()
        if path == "/file":
            wanted = self.root / parse_qs(payload.decode())["file_path"][0].lstrip("/")
            return (200, wanted.read_bytes()) if wanted.is_file() else (404, b'{"error": "File not found"}')
        if path == "/setup/upload":
            return self.upload(payload, headers)
        if path in ("/execute", "/setup/execute"):
            return 200, json.dumps(self.execute(payload)).encode()
        known = {
            "/platform": b"Linux",
            "/accessibility": json.dumps({"AT": TREE}).encode(),
            "/terminal": json.dumps({"output": None, "status": "success"}).encode(),
            "/screen_size": json.dumps({"width": 64, "height": 48}).encode(),
            "/setup/launch": b"launched",
            "/setup/activate_window": b"activated",
        }
        return (200, known[path]) if path in known else (404, b"no such endpoint")

    def execute(self, payload) -> dict:
        command = payload["command"]
        if command[:2] == ["python", "-c"]:
            code = command[2].rpartition("\n")[2]
            failed = code.startswith("raise")
            return {"status": "success", "output": "", "error": f"Traceback\n{code}" if failed else "", "returncode": int(failed)}
        done = subprocess.run(command, check=False, shell=payload["shell"], cwd=self.root, capture_output=True, text=True)
        return {"status": "success", "output": done.stdout, "error": done.stderr, "returncode": done.returncode}

    def upload(self, payload, headers) -> tuple[int, bytes]:
        message = BytesParser().parsebytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + payload)
        parts = {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in message.get_payload()}
        target = self.root / parts["file_path"].decode().lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(parts["file_data"])
        return 200, b"uploaded"
