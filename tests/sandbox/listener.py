"""A listener that is told of changes."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Listener:
    """A notification address on this machine. shakes_hands: whether it gives back what it is sent."""

    def __init__(self, *, shakes_hands: bool = True):
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                challenge = parse_qs(urlsplit(self.path).query).get("validationToken", [""])[0]
                answer = challenge.encode() if challenge and shakes_hands else b""
                if not challenge:
                    for notice in json.loads(body)["value"]:
                        listener.told.put(notice)
                self.send_response(200 if challenge else 202)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/told"

    def __enter__(self) -> "Listener":
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_arguments: object) -> None:
        self.server.shutdown()
        self.server.server_close()
