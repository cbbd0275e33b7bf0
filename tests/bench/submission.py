"""P4: sending a form about six people with some thirty facts, a request for screening and what goes out: in the service layer
against pgbench of the same SQL, and over HTTP against a plain Django REST framework intake."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.test import Client
from django.utils import timezone

from consent.actions.consents import ask_to_screen
from consent.actions.facts import holding, write
from consent.actions.people import add_members, set_names
from consent.actions.records import open_record
from consent.models import CaseRecord
from intake.actions.submissions import changes_of, content_of
from intake.models import Submission
from intake.queries.drafts import draft_of
from intake.views.desk import HELD
from portal.kit.actor import Actor, acting_as
from portal.kit.identity import uuid7
from portal.models import User
from tests.bench import web
from tests.bench.furnishing import CITIZEN_EMAIL, session_of
from tests.bench.measure import ROUNDS, Cost, Line, at_least, at_most, cost, recorded, side_by_side
from tests.bench.replay import listening, pgbench, script
from tests.bench.stage import Stage
from tests.factories import intake as forms

DATABASE = "bench_submission"
SENT_IN_ONE_ROUND = 6
TOKEN = "a" * 32  # a CSRF cookie and its form field
MEMBERS = [
    ("partner", "Noor Haddad", "1988-05-01"),
    ("child", "Lina Haddad", "2015-03-09"),
    ("child", "Omar Haddad", "2018-07-21"),
    ("child", "Sami Haddad", "2022-01-30"),
    ("other_adult", "Huda Haddad", "1955-11-12"),
]
MONEY = {"amount": "640.00", "per": "month"}
HOME: dict[str, Any] = {
    "nation": "england", "region": "london", "local_authority": "newham", "tenure": "private_rent",
    "rent": {"amount": "1150.00", "per": "month"}, "bedrooms": 3, "council_tax": {"amount": "1420.00", "per": "year"},
    "council_tax_band": "B", "savings": "800.00",
}  # fmt: skip
ADULT: dict[str, Any] = {
    "earnings": MONEY, "take_home_pay": MONEY, "hours_worked": "16", "state_pension": None, "private_pension": None,
    "income_tax": None,
}  # fmt: skip
_FACT = {"hours_worked": "hours_worked_weekly"}


@dataclass
class Draft:
    """One prepared form: the session that holds it and the digest its page shows."""

    session: str
    content: str


class Sending:
    """The form, prepared once and copied as often as it is sent."""

    def __init__(self, stage: Stage):
        self.stage = stage
        stage.copy(DATABASE)
        stage.use(DATABASE)
        self.at = timezone.now()
        with acting_as(Actor.anonymous()), transaction.atomic():
            self.submission = self._fill_in()
        user = User.objects.get(email=CITIZEN_EMAIL)
        self.control_session = session_of(user)
        applicant = str(uuid7())
        changes, _typed = changes_of(draft_of(self.submission, timezone.localdate(self.at)), applicant)
        self.facts = {key.replace(applicant, "me"): value for key, value in changes.items()}

    def _fill_in(self) -> Submission:
        submission, _code = forms.make_draft({})
        answers = {f"household/{code}": {f"household.{code}": value} for code, value in HOME.items()}
        answers |= {"you/born_on": {"person.born_on": "1990-04-02"}, "you/sex": {"person.sex": "female"}}
        for role, name, born_on in MEMBERS:
            member = forms.add(submission, role, name, born_on)
            if role == "partner":
                answers |= {
                    f"{member}/{code}": _said(code, ADULT[code]) for code in ("earnings", "take_home_pay", "hours_worked")
                }
                answers[f"{member}/sex"] = {"person.sex": "male"}
        answers |= {f"you/{code}": _said(code, value) for code, value in ADULT.items()}
        answers["household/members"] = {"done": True}
        for key, values in answers.items():
            forms.answer(submission, key, values)
        found = forms.fresh(submission)
        assert found is not None
        return found

    def measure(self) -> Iterator[Line]:
        """All lines of P4."""
        yield from self._service_lines()
        yield from self._http_lines()

    # --- service layer

    def send(self) -> CaseRecord:
        """The actions that sending takes, in one transaction."""
        nobody = Actor.anonymous()
        with acting_as(nobody), transaction.atomic():
            record = open_record(by=nobody, at=self.at, language="en")
            owner = Actor.citizen(person_id=record.person_id)
            with acting_as(owner):
                ask_to_screen(by=owner, record=record, language="en", at=self.at)
                ids = {"me": record.person_id} | {member["id"]: uuid7() for member in self.submission.members}
                new = {ids[member["id"]]: member["role"] for member in self.submission.members}
                changes = {_with_id(key, ids): value for key, value in self.facts.items()}
                with holding(record, self.at) as held:
                    add_members(by=owner, record=record, members=new, at=self.at, held=held)
                    write(by=owner, record=record, changes=changes, source="self", collected_under="screening", at=self.at,
                          held=held)  # fmt: skip
                names = {ids[member["id"]]: {"full": member["name"]} for member in self.submission.members}
                set_names(by=owner, record=record, names=names, at=self.at)
        return record

    def _service_lines(self) -> Iterator[Line]:
        self.send()
        since = int(time.time() * 1000)
        with listening() as sent:
            record = self.send()
        path = self.stage.folder / "submission.sql"
        path.write_text(script(sent, since=since, once=record.reference))
        replayed = partial(pgbench, self.stage.postgres, DATABASE, path)
        replayed(5)
        found = side_by_side(
            {"ours": partial(cost, self.send, SENT_IN_ONE_ROUND), "pgbench": partial(replayed, 10 * SENT_IN_ONE_ROUND)}
        )
        ours, floor = found["ours"], found["pgbench"]
        yield Line(
            "P4", f"sent by the service layer (6 people, {len(self.facts)} facts): statements", str(len(sent)),
            limit="≤ 3", is_met=len(sent) <= 3,
        )  # fmt: skip
        yield Line(
            "P4", "service layer, submissions a second against pgbench of the same SQL, 1 client each",
            f"{1000 / ours.wall:.1f}/s", f"{1000 / floor.wall:.1f}/s", **at_least(floor.wall / ours.wall, 0.45),
        )  # fmt: skip
        yield Line(
            "P4", "service layer, CPU of one submission against pgbench (client+server)", str(ours), str(floor),
            ratio=ours.cpu / floor.cpu,
        )  # fmt: skip

    # --- over HTTP

    def _http_lines(self) -> Iterator[Line]:
        control = Client(enforce_csrf_checks=True)
        control.cookies["sessionid"], control.cookies["csrftoken"] = self.control_session, TOKEN
        body = json.dumps(self._plain_body())

        def plain() -> None:
            answer = control.post("/bench/intake/", body, content_type="application/json", headers={"X-CSRFToken": TOKEN})
            if answer.status_code != 201:
                raise AssertionError(f"The control answered {answer.status_code}: {answer.content[:300]!r}")

        queue = iter(self.drafts(SENT_IN_ONE_ROUND * ROUNDS + 3))
        client = Client(enforce_csrf_checks=True)
        client.cookies["csrftoken"] = TOKEN

        def ours() -> None:
            draft = next(queue)
            client.cookies["sessionid"] = draft.session
            answer = client.post("/apply/check/", _form(draft))
            if answer.status_code != 302 or "receipt" not in answer.headers["Location"]:
                raise AssertionError(f"The form was answered {answer.status_code}")

        queries = {}
        for name, work in {"ours": ours, "plain": plain}.items():
            work()
            with recorded() as statements:
                work()
            queries[name] = len(statements)
        found = side_by_side({name: partial(cost, work, SENT_IN_ONE_ROUND) for name, work in (("ours", ours), ("plain", plain))})
        yield Line(
            "P4", "over HTTP (session, CSRF, validation): queries of the sending POST", str(queries["ours"]),
            f"{queries['plain']} by the plain DRF intake",
        )  # fmt: skip
        yield Line(
            "P4", "over HTTP: CPU of one submission against the plain DRF intake", str(found["ours"]), str(found["plain"]),
            **at_most(found["ours"].cpu / found["plain"].cpu, 0.6),
        )  # fmt: skip
        yield from self._served(body)

    def _served(self, body: str) -> Iterator[Line]:
        """Requests a second by gunicorn with two workers and four clients."""
        many = 4 * SENT_IN_ONE_ROUND
        drafts = self.drafts(many * (ROUNDS + 1))
        with web.serving(self.stage, DATABASE) as server:
            requests = [server.form_post("/apply/check/", draft.session, TOKEN, _form(draft)) for draft in drafts]
            plain = [server.json_post("/bench/intake/", self.control_session, TOKEN, body)] * many
            taken = iter(range(0, len(requests), many))

            def ours() -> Cost:
                begin = next(taken)
                return server.load(requests[begin : begin + many], expect=302)

            ours()
            server.load(plain, expect=201)
            found = side_by_side({"ours": ours, "plain": partial(server.load, plain, expect=201)})
        ours_, plain_ = found["ours"], found["plain"]
        yield Line(
            "P4", "over HTTP: submissions a second, gunicorn with 2 workers, 4 clients", f"{1000 / ours_.wall:.1f}/s",
            f"{1000 / plain_.wall:.1f}/s by the plain DRF intake", **at_least(plain_.wall / ours_.wall, 2),
        )  # fmt: skip
        yield Line(
            "P4", "over HTTP, served: CPU of one submission (web+database) against the plain DRF intake", str(ours_), str(plain_),
            **at_most(ours_.cpu / plain_.cpu, 0.6),
        )  # fmt: skip

    def drafts(self, many: int) -> list[Draft]:
        """Copies of the form, each with people and a session of its own."""
        found = []
        with self.stage.driver(DATABASE) as cursor:
            cursor.execute("select column_name from information_schema.columns where table_name = 'intake_submission'")
            kept = [name for (name,) in cursor.fetchall() if name not in {"id", "answers", "members", "code_digest"}]
            columns = ", ".join(kept)
            for _ in range(many):
                copy = self._copy()
                cursor.execute(
                    f"insert into intake_submission (id, answers, members, code_digest, {columns})"
                    f" select %s, %s, %s, %s, {columns} from intake_submission where id = %s",
                    [str(copy.pk), json.dumps(copy.answers), json.dumps(copy.members), copy.pk.hex * 2, str(self.submission.pk)],
                )
                session = SessionStore()
                session[HELD] = {"draft": str(copy.pk), "code": "", "counter": ""}
                session.create()
                found.append(Draft(session.session_key or "", content_of(copy)))
        return found

    def _copy(self) -> Submission:
        text = json.dumps([self.submission.answers, self.submission.members])
        for member in self.submission.members:
            text = text.replace(member["id"], str(uuid7()))
        answers, members = json.loads(text)
        return Submission(id=uuid7(), answers=answers, members=members)

    def _plain_body(self) -> dict[str, Any]:
        places = {"me": 0} | {member["id"]: place for place, member in enumerate(self.submission.members, start=1)}
        people = [{"role": "applicant", "name": "Amina Haddad", "born_on": "1990-04-02"}]
        people += [{"role": role, "name": name, "born_on": born_on} for role, name, born_on in MEMBERS]
        facts = []
        for key, value in self.facts.items():
            subject, name = key.split(".", 1)
            level = subject if subject == "household" else "person"
            facts.append({"code": f"{level}.{name}", "value": value, "person": places.get(subject)})
        until = (self.at + dt.timedelta(days=365)).isoformat()
        return {
            "language": "en", "people": people, "facts": facts,
            "consents": [{"purpose": "screening", "text": "show you what support you may get", "until": until}],
        }  # fmt: skip


def _said(question: str, value: Any) -> dict[str, Any]:
    return {f"person.{_FACT.get(question, question)}": value}


def _with_id(key: str, ids: dict[str, UUID]) -> str:
    subject, name = key.split(".", 1)
    return key if subject == "household" else f"{ids[subject]}.{name}"


def _form(draft: Draft) -> dict[str, str]:
    return {"idempotency_key": str(uuid4()), "content": draft.content, "csrfmiddlewaretoken": TOKEN}
