"""A real SMTP server that keeps what it is given."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from tests.ports import free_port


class _Keep:
    def __init__(self):
        self.messages: list[EmailMessage] = []
        self.refusals: list[str] = []

    async def handle_DATA(self, _server, _session, envelope):
        if self.refusals:
            return self.refusals.pop(0)
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-Recipients"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        return "250 kept"


class Mailbox:
    """Mails the portal has sent, newest last. refuse(): answer the next mails with this SMTP line."""

    def __init__(self):
        self._keep = _Keep()
        # The controller knocks on its own port to see whether it is open, so the port must be known before.
        self.port = free_port()
        self._controller = Controller(self._keep, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    @property
    def messages(self) -> list[EmailMessage]:
        return self._keep.messages

    def refuse(self, *lines: str) -> None:
        self._keep.refusals += lines

    def clear(self) -> None:
        self._keep.messages.clear()
        self._keep.refusals.clear()

    def stop(self) -> None:
        self._controller.stop()

    @staticmethod
    def text(message: EmailMessage) -> str:
        return message.get_body(("plain",)).get_content()
