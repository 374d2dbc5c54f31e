# SPDX-License-Identifier: BSD-2-Clause
"""A program on a terminal of its own, as a person sits at it."""

import os
import pty
import select
import termios
import time


class Terminal:
    def __init__(self, words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(words[0], words)
        self.before = termios.tcgetattr(self.fd)
        self.seen = b""
        self.status = None

    def read(self, seconds):
        """What came; None when the other side has closed."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.fd, 4096) or None
        except OSError:
            return None

    def wait_for(self, text, seconds=30):
        """Read until `text` has come, and forget what is before it; False if it does not come."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            data = self.read(0.2)
            if data is None or time.monotonic() > end:
                return False
            self.seen += data
        self.seen = self.seen.split(text, 1)[1]
        return True

    def type(self, data):
        os.write(self.fd, data)

    def attributes(self):
        return termios.tcgetattr(self.fd)

    def finish(self, seconds=30):
        """The exit status; kills what has not ended by then."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data = self.read(0.1)
            self.seen += data or b""
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        return None
