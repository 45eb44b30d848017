"""A mail server that can misbehave at any point of the conversation."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

# What it says when nothing else is asked of it.
POLITE = {
    "greeting": "220 ready", "ehlo": "250-here\r\n250-SIZE 1000000\r\n250 {extensions}", "auth": "235 welcome",
    "mail": "250 sender", "rcpt": "250 recipient", "data": "354 go on", "dot": "250 kept", "quit": "221 bye",
}  # fmt: skip


class _Handler(socketserver.StreamRequestHandler):
    server: "RudeServer"

    def handle(self):
        self.server.connections += 1
        if not self._answer("greeting"):
            return
        while line := self.rfile.readline():
            command = line.split()[0].decode().casefold() if line.split() else ""
            self.server.commands.append(line.decode().strip())
            if command == "quit" or not self._answer(command if command in POLITE else "ehlo"):
                return
            if command == "data" and as_bytes(self.server.last).startswith(b"354") and not self._mail():
                return

    def _mail(self):
        """Take a mail; False when the conversation is over."""
        return self._body() and self._answer("dot")

    def _body(self):
        lines = []
        if self.server.answers.get("body") == ["drop"]:
            return False
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.raw.append(b"".join(lines))
        return True

    def _answer(self, stage):
        """False when the conversation is over."""
        answer = self.server.last = self.server.answer_to(stage)
        if stage == "dot":
            self.server.kept.append(answer)
        if answer == "drop":
            return False
        if answer == "stall":
            self.server.let_go.wait(30)
            return False
        if answer == "drip":
            while not self.server.let_go.wait(0.01):
                self.wfile.write(b"2")
            return False
        self.wfile.write(as_bytes(answer) + b"\r\n")
        return True


def as_bytes(answer: str | bytes) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()


class RudeServer(socketserver.ThreadingTCPServer):
    """says(stage, …): what it answers there, the last one for ever: a line, or "drop", "stall" or "drip".

    raw: the mails it was given to their last dot, whatever it then said. kept: what it said then.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[str | bytes]] = {}
        self.kept: list[str | bytes] = []
        self.connections, self.commands, self.raw, self.last = 0, [], [], ""
        self.extensions = "8BITMIME"
        self.let_go = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    @staticmethod
    def text(message: EmailMessage) -> str:
        return message.get_body(("plain",)).get_content()

    def says(self, stage: str, *answers: str | bytes) -> None:
        self.answers[stage] = list(answers)

    def answer_to(self, stage: str) -> str | bytes:
        asked = self.answers.get(stage, [POLITE[stage].format(extensions=self.extensions)])
        return asked.pop(0) if len(asked) > 1 else asked[0]

    def stop(self) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, _request, _client):
        """The client has gone."""
