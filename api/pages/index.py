"""The first page: every list and report, and the way to a child; signing in and out."""

from itertools import groupby
from operator import attrgetter
from urllib.parse import parse_qsl, urlsplit

import falcon

from api.exchange import Malformed
from api.pages.rendering import Page, ask_to_sign_in, begin, link, render, shown, style
from api.pages.visitors import Visitor, is_foreign
from api.reasons import FOREIGN_FORM
from application.access import ALLOWED, Action, Actor, require
from application.children.finding import LONGEST
from application.keys.api_keys import Unauthenticated
from application.lookups import CASE_NO
from application.reasons import BAD_KEY
from domain.child import fold
from domain.refusal import Fault, Reason, Refused
from reports.catalogue import reports
from reports.people import Called, called, called_so

MOST_FORM_BYTES = 4_096
MOST_FOUND = 100
FORM = "application/x-www-form-urlencoded"


class IndexPage(Page):
    """The index of everything there is to see."""

    @shown()
    def on_get(self, req: falcon.Request, resp: falcon.Response, visitor: Visitor) -> None:
        """List the reports that the visitor may read, and ask for a child."""
        actor = visitor.actor
        require(actor, Action.READ, org=actor.org)
        listed = [each for each in reports().values() if each.action in ALLOWED[actor.role]]
        by_topic = {topic: [*each] for topic, each in groupby(listed, key=attrgetter("topic"))}
        render(req, resp, "index.html", visitor=visitor, reports=by_topic)


class FindPage(Page):
    """Children by what must never stand in an address."""

    @shown()
    def on_post(self, req: falcon.Request, resp: falcon.Response, visitor: Visitor) -> None:
        """Find the children of this number, or whose names answer to it, that the visitor may see."""
        actor, word = visitor.actor, form_of(req).get("word", "").strip()
        require(actor, Action.READ, org=actor.org)
        found, notes = self._numbered(word, actor=actor), tuple[Reason, ...]()
        if not found and 0 < len(word) <= LONGEST:
            named = self.system.name_search.page(word, actor=actor, org=actor.org, limit=MOST_FOUND)
            found, notes = [called_so(each, actor=actor) for each in named.items], named.notes
        if len(found) == 1 and not notes:
            _go(req, resp, f"/children/{found[0].child_id}")
            return
        render(req, resp, "found.html", visitor=visitor, word=word, found=found, notes=notes)

    def _numbered(self, word: str, *, actor: Actor) -> list[Called]:
        find = self.system.record.find
        kinds = (CASE_NO, "student_no") if word else ()
        ids = {each for kind in kinds for each in find(kind=kind, word=word, scope=actor.org)}
        streams = self.system.log.streams(sorted(ids)[:MOST_FOUND])
        children = [fold(child_id, events) for child_id, events in streams.items()]
        return [
            called(child, actor=actor)
            for child in children
            if child.profile is not None and child.belongs_to(actor.org)
        ]


class SignInPage(Page):
    """Signing in with a key."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Ask for a key, also where this machine is let in without one."""
        begin(req, resp)
        ask_to_sign_in(req, resp, to="/")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Begin a session, and go on to what was asked for before."""
        begin(req, resp)
        to = "/"
        try:
            words = form_of(req)
            to = _local(words.get("to", "/"))
            self.entrance.sign_in(req, resp, words.get("key", "").strip())
        except Unauthenticated:
            ask_to_sign_in(req, resp, fault=BAD_KEY, to=to)
        except Refused as refused:
            ask_to_sign_in(req, resp, fault=refused.reason, to=to)
        else:
            resp.status = falcon.HTTP_303
            resp.location = to


class SignOutPage(Page):
    """Signing out."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End the session of this browser."""
        begin(req, resp)
        form_of(req)
        self.entrance.sign_out(req, resp)
        _go(req, resp, "/")


class StyleFile(Page):
    """The stylesheet of every page."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer with the stylesheet; each has an address of its own, so that it may be kept."""
        text, version = style()
        resp.content_type = "text/css; charset=utf-8"
        fresh = req.query_string == version
        resp.set_header("Cache-Control", "public, max-age=31536000, immutable" if fresh else "no-cache")
        resp.data = text


def form_of(req: falcon.Request) -> dict[str, str]:
    """Read the form that a request carries. Raises `Malformed`, also for one of another host's page."""
    if is_foreign(req):
        raise Malformed(Fault(reason=FOREIGN_FORM))
    if (req.content_type or "").partition(";")[0].strip().lower() != FORM:
        raise Malformed(Fault(reason=FOREIGN_FORM))
    text = req.bounded_stream.read(MOST_FORM_BYTES).decode("utf-8", errors="replace")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))


def _go(req: falcon.Request, resp: falcon.Response, path: str) -> None:
    resp.status = falcon.HTTP_303
    resp.location = link(req, path, {})


def _local(address: str) -> str:
    """Return an address of this host, the first page for any other."""
    parts = urlsplit(address)
    local = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if local and not parts.netloc and not parts.scheme else "/"
