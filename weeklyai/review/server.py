"""The server behind the page: one loopback socket, one token, one desk."""

import secrets
import socket

import uvicorn

from weeklyai.errors import UserError
from weeklyai.review.app import application
from weeklyai.review.desk import Desk
from weeklyai.review.guard import Guard


class Server:
    """Serves one desk on 127.0.0.1.

    Args:
        desk: what is shown and changed.
        port: 0 takes any free one.

    Raises:
        UserError: the port is taken or not allowed.
    """

    def __init__(self, desk: Desk, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind(("127.0.0.1", port))
            self.socket.listen(64)
        except (OSError, OverflowError) as error:
            self.socket.close()
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise UserError(f"port {port} cannot be had ({why}): name another one with --port, or 0 for any") from None  # fmt: skip
        self.port = int(self.socket.getsockname()[1])
        self.token = secrets.token_urlsafe(24)
        self.server = uvicorn.Server(
            uvicorn.Config(
                Guard(application(desk), self.port, self.token), log_config=None, access_log=False, lifespan="off", ws="none",
                http="h11", loop="asyncio", server_header=False, proxy_headers=False, timeout_graceful_shutdown=2,
                h11_max_incomplete_event_size=1 << 16,
            )
        )  # fmt: skip

    @property
    def address(self) -> str:
        """Where a browser finds it; whoever knows it may change the draft."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def run(self) -> None:
        """Serve until Ctrl-C, or until `stop`."""
        self.server.run(sockets=[self.socket])

    def stop(self) -> None:
        """End `run`, from another thread."""
        self.server.should_exit = True
