"""The demonstration's mailbox: each message is a file in the data folder, so that a person can open it without a mail
server. Production sends by SMTP and never uses this."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.filebased import EmailBackend


class MailboxBackend(EmailBackend):
    """Django's file backend, writing into MAILBOX_DIR."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("file_path", str(Path(settings.MAILBOX_DIR)))
        super().__init__(*args, **kwargs)
