"""A mail server (aiosmtpd) that keeps what it gets, so that a test can follow the links in it."""

import email
import email.policy
import re
import threading
import time

from aiosmtpd.controller import Controller


class Mailbox:
    def __init__(self):
        self._mails = []
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self._lock:
            self._mails.append((envelope.rcpt_tos, message))
        return "250 OK"

    def __enter__(self):
        # Port 0 is chosen by the system, which the controller does not find out by itself.
        self._controller.port = _free_port()
        self._controller.start()
        return self

    def __exit__(self, *_):
        self._controller.stop()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self._controller.port}"

    def wait(self, address, subject, seconds=20):
        """The last mail to an address with these words in its subject."""
        deadline = time.monotonic() + seconds
        while True:
            with self._lock:
                found = [mail for to, mail in self._mails if address in to and subject in mail["Subject"]]
            if found:
                return found[-1]
            assert time.monotonic() < deadline, f"no mail to {address} with “{subject}”: {self.subjects()}"
            time.sleep(0.1)

    def subjects(self):
        with self._lock:
            return [(to, mail["Subject"]) for to, mail in self._mails]

    def link(self, address, subject):
        """The secret link of such a mail; the same in its text and in its page."""
        mail = self.wait(address, subject)
        text = mail.get_body(("plain",)).get_content()
        page = mail.get_body(("html",)).get_content()
        found = re.search(r"http://\S+/(?:links|invitations|transfers)/\S+", text).group()
        assert f'href="{found}"' in page
        assert "<script" not in page
        return found


def _free_port():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
