"""What is said while a request is repeated: huggingface_hub's warnings, in words for a person."""

import logging
import re
from typing import Final

_LOGGER: Final = "huggingface_hub.utils._http"
_LIMITED: Final = re.compile(r"Rate limited\. Waiting ([\d.]+)s before retry \[Retry (\d+)/(\d+)\]\.")
_AGAIN: Final = re.compile(r"Retrying in ([\d.]+)s \[Retry (\d+)/(\d+)\]\.")
_CAUSE: Final = re.compile(r" thrown while requesting [A-Z]+ ")


class _Plainly(logging.Filter):
    """Say that the Hub is waited for; leave out addresses (long, perhaps signed) and error numbers.

    The only retry of a first contact is not mentioned: the error that follows says it all.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        record.args = ()
        if _CAUSE.search(message):
            return False
        if match := _LIMITED.match(message):
            record.msg = f"The Hub limits the rate; waiting {float(match[1]):.0f} s ({match[2]} of {match[3]})."
        elif match := _AGAIN.match(message):
            record.msg = f"The Hub did not answer; asking again in {match[1]} s ({match[2]} of {match[3]})."
            return match[3] != "1"
        else:
            record.msg = message.partition("?")[0]
        return True


_PLAINLY: Final = _Plainly()


def speak_plainly() -> None:
    """Put what huggingface_hub logs about repeated requests into plain words."""
    logging.getLogger(_LOGGER).addFilter(_PLAINLY)
