"""The page's addresses: parts of the page out, actions in. Everything that changes something is one JSON POST to `act`."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from weeklyai.errors import WeeklyError
from weeklyai.review.desk import ByHandError, ClashError, Desk
from weeklyai.review.guard import MAIL_POLICY
from weeklyai.review.render import Pages

KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def application(desk: Desk) -> Starlette:
    """Return the application for one desk; the guard goes around it."""
    room = _Room(desk, Pages())
    routes = [
        Route("/", room.page),
        Route("/static/{name}", _static),
        Route("/version", room.version),
        Route("/parts", room.parts),
        Route("/evidence/{key}", room.evidence),
        Route("/choices/{key}", room.choices),
        Route("/rejects", room.rejects),
        Route("/mail", room.mail),
        Route("/mail.txt", room.mail_text),
        Route("/check", room.check, methods=["POST"]),
        Route("/jot", room.jot, methods=["POST"]),
        Route("/act", room.act, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={WeeklyError: _sentence})


async def _sentence(_: Request, error: Exception) -> Response:
    """Answer with the one sentence of an error for people."""
    said: dict[str, Any] = {"error": str(error)}
    if isinstance(error, ByHandError):
        said["item"] = error.item
    return JSONResponse(said, 409 if isinstance(error, ClashError) else 400)


async def _static(request: Request) -> Response:
    """Answer with one of our own style sheets and modules."""
    name = request.path_params["name"]
    folder = files("weeklyai.review") / "static"
    kind = KINDS.get(name.rpartition(".")[2])
    if kind is None or name not in {file.name for file in folder.iterdir()}:
        return PlainTextResponse("Nothing here.\n", 404)
    return Response((folder / name).read_bytes(), media_type=kind)


class _Room:
    """The endpoints. A desk works on files and SQLite, so each call goes to a thread."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk, self.pages = desk, pages

    async def page(self, _: Request) -> Response:
        """Answer with the whole page."""
        return await self._html(lambda: self.pages.whole(self.desk.look(), self.desk.name))

    async def version(self, _: Request) -> Response:
        """Answer with the word that changes when anything does."""
        return PlainTextResponse(await run_in_threadpool(self.desk.version))

    async def parts(self, request: Request) -> Response:
        """Answer with the columns, and the evidence of the story that is looked at."""
        return JSONResponse(
            await run_in_threadpool(self._parts, request.query_params.get("key", ""))
        )

    def _parts(self, key: str) -> dict[str, Any]:
        sheet = self.desk.look()
        chosen = key if key in {card.key for card in sheet.cards} else ""
        shown = self.desk.evidence(chosen) if chosen else None
        return self.pages.parts(sheet, shown, self.desk.name)

    async def evidence(self, request: Request) -> Response:
        """Answer with one story's evidence."""
        key = request.path_params["key"]
        return await self._html(lambda: self.pages.evidence(self.desk.evidence(key)))

    async def choices(self, request: Request) -> Response:
        """Answer with other takes on a story."""
        key = request.path_params["key"]
        return await self._html(lambda: self.pages.choices(self.desk.choices(key), key))

    async def rejects(self, _: Request) -> Response:
        """Answer with the stories that were not chosen."""
        return await self._html(lambda: self.pages.rejects(self.desk.rejects()))

    async def mail(self, _: Request) -> Response:
        """Answer with the e-mail edition."""
        html, _text = await run_in_threadpool(self.desk.mail)
        return HTMLResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})

    async def mail_text(self, _: Request) -> Response:
        """Answer with the e-mail's plain text."""
        _html, text = await run_in_threadpool(self.desk.mail)
        return PlainTextResponse(text)

    async def check(self, request: Request) -> Response:
        """Answer with what a text says that its source does not."""
        asked = await _object(request)
        key, text, was = (str(asked.get(name, "")) for name in ("key", "text", "was"))
        found = await run_in_threadpool(self.desk.check, key, text, was)
        return HTMLResponse(self.pages.findings(found, text, key))

    async def jot(self, request: Request) -> Response:
        """Keep what is being typed in a dialog."""
        asked = await _object(request)
        values = (str(asked.get(name, "")) for name in ("name", "text", "was"))
        await run_in_threadpool(self.desk.jot, *values)
        return PlainTextResponse("")

    async def act(self, request: Request) -> Response:
        """Do what is asked and answer with the page's parts as they are then."""
        asked = await _object(request)
        key = str(asked.pop("looking", ""))

        def done() -> dict[str, Any]:
            said = self.desk.act(str(asked.pop("action", "")), asked)
            return {"said": said, **self._parts(key)}

        return JSONResponse(await run_in_threadpool(done))

    async def _html(self, made: Callable[[], str]) -> Response:
        return HTMLResponse(await run_in_threadpool(made))


async def _object(request: Request) -> dict[str, Any]:
    """Return the JSON object in a request's body.

    Raises:
        WeeklyError: it holds none.
    """
    try:
        found = json.loads(await request.body())
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair could not be written
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise WeeklyError("a JSON object was expected")
    return found
