"""Where the pages are. They are no part of the contract that `/openapi.json` describes."""

import falcon

from api.context import Context
from api.pages.guides import AT, GuidePage, GuidePicture, GuidesPage
from api.pages.history import HistoryFile, HistoryPage
from api.pages.index import FindPage, IndexPage, SignInPage, SignOutPage, StyleFile
from api.pages.rendering import STYLE_FILE, Page
from api.pages.report import ReportFile, ReportPage
from api.pages.visitors import Entrance
from api.rates import Rates

# Who may see a page is decided by the page: none of them takes a key with each request.
PAGES: tuple[tuple[str, type[Page]], ...] = (
    ("/", IndexPage),
    ("/find", FindPage),
    ("/sign-in", SignInPage),
    ("/sign-out", SignOutPage),
    (f"/{STYLE_FILE}", StyleFile),
    ("/reports/{name}", ReportPage),
    ("/reports/{name}.{form}", ReportFile),
    (AT, GuidesPage),
    (f"{AT}/{{name}}", GuidePage),
    (f"{AT}/{{name}}.svg", GuidePicture),
    ("/children/{child_id:uuid}", HistoryPage),
    ("/children/{child_id:uuid}/history.{form}", HistoryFile),
)


def add_pages(app: falcon.App[falcon.Request, falcon.Response], context: Context, *, rates: Rates) -> None:
    """Put every page on an application."""
    entrance = Entrance(context.system, rates=rates)
    for path, page in PAGES:
        resource = page(context, entrance)
        if hasattr(resource, "on_get"):
            resource.on_head = resource.on_get  # type: ignore[attr-defined]
        app.add_route(path, resource)
