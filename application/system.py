"""The system around which every entry point is built: databases, log, use cases, from settings."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from application.activities.registry import Activities
from application.alerts.cases import Alerts
from application.carers.registry import Carers
from application.children.cards import Cards
from application.children.care_record import CareRecord
from application.children.clashes import Clashes
from application.children.digest_rows import mend
from application.children.doubles import Doubles
from application.children.finding import NameSearch
from application.children.listing import ChildList
from application.children.merging import Merges
from application.children.of_others import OfOthers
from application.children.promoting import Promotions
from application.children.transfers import Transfers
from application.eventstore import roles
from application.eventstore.database import Clock, Database
from application.eventstore.engines import open_database
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.eventstore.migrations.migrate import migrate, version_of
from application.eventstore.migrations.tables import KEYS
from application.evidence.files import EvidenceFiles
from application.fan_out import FanOuts
from application.foundation import DDL, Foundation, open_foundation
from application.intake.batches import Batches
from application.intake.imports.answers import PaperAnswers
from application.intake.imports.kept_differences import KeptDifferences
from application.intake.imports.registers import Registers
from application.intake.imports.uploaded import UploadedPapers
from application.intake.lines import Intake
from application.intake.papers.column_maps import ColumnMaps
from application.intake.quarantine import Quarantine
from application.intake.submission import Submission, Submissions
from application.keys import ledger, merge
from application.keys.api_keys import ApiKeys
from application.keys.merge import Merged
from application.keys.rows import mark_taken_over
from application.keys.settled import settle
from application.lookups import Lookups
from application.organisations.known_rules import POLICY, known_rules
from application.organisations.registry import Organisations
from application.organisations.units import Unread
from application.recorders import Recorders, recorders
from application.recording.filing import Filing
from application.recording.recording import Recording
from application.recording.stream_files import StreamFiles
from application.reports.changes import Changes
from application.reports.reporting import Reports
from application.settings import Settings
from application.upkeep import upgrade_steps, upgrading
from application.upkeep.processes import Processes, note_all_taken
from application.upkeep.upgrading import Progress, Store, UpgradeStep
from domain.catalogue import details_by_type, event_types
from domain.event import Metadata
from domain.policy import Policy, default_policy, policy_from_text
from domain.refusal import Text
from domain.rules.calendar import default_calendar
from domain.rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything an entry point needs of the write side."""

    settings: Settings
    database: Database
    keys_database: Database
    keyring: Keyring
    log: EventLog
    organisations: Organisations
    lookups: Lookups
    carers: Carers
    record: CareRecord
    recordings: Mapping[str, Recording[Any]]
    alerts: Alerts
    activities: Activities
    transfers: Transfers
    children: ChildList
    cards: Cards
    fan_outs: FanOuts
    submissions: Submissions
    quarantine: Quarantine
    intake: Intake
    batches: Batches
    changes: Changes
    clashes: Clashes
    doubles: Doubles
    api_keys: ApiKeys
    registers: Registers
    uploaded_papers: UploadedPapers
    processes: Processes
    now: Callable[[], datetime]

    @property
    def merges(self) -> Merges:
        """How two files of one child become one."""
        return Merges(self.record, now=self.now)

    @property
    def stream_files(self) -> StreamFiles:
        """What follows from streams in the files of children."""
        return StreamFiles(recordings=self.recordings, filing=Filing(database=self.database, now=self.now))

    @property
    def evidence(self) -> EvidenceFiles:
        """The files that entries name as their evidence."""
        folder, recordings = self.settings.evidence_dir, self.registers.recordings
        return EvidenceFiles(folder, keyring=self.keyring, recordings=recordings)

    @property
    def name_search(self) -> NameSearch:
        """The search for children by part of a name."""
        db, lookups, digests = self.database, self.lookups, self.record.name_digests
        return NameSearch(log=self.log, cards=self.cards, database=db, lookups=lookups, digests=digests)

    @property
    def promotions(self) -> Promotions:
        """The promotion of all classes of a school."""
        return Promotions(self.record, database=self.database, organisations=self.organisations, now=self.now)

    @property
    def of_others(self) -> OfOthers:
        """What streams of other kinds say of a child."""
        return OfOthers(log=self.log, database=self.database)

    def store(self) -> Store:
        """Return what the upgrades of data may touch."""
        return Store(
            database=self.database,
            keys_database=self.keys_database,
            keyring=self.keyring,
            log=self.log,
            lookups=self.lookups,
            likenesses=self.record.likenesses,
            name_digests=self.record.name_digests,
            organisations=self.organisations,
            now=self.now,
        )

    def close(self) -> None:
        """Let go of both databases."""
        self.database.close()
        self.keys_database.close()


def open_system(
    settings: Settings,
    *,
    clock: Clock | None = None,
    host_clock: Clock | None = None,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ddl: Sequence[str] = (),
    unfinished: bool = False,
) -> System:
    """Open the databases and put the use cases together; call it after fork, once a process.

    The one clock is the database's, which on SQLite is the host's. `clock` takes its place, also for
    `recorded_at`; `host_clock` takes the place of the host's. Both give aware UTC datetimes. Raises
    NoLedger where there is no such file: none is made. Raises NotMigrated where the tables are missing, or
    an upgrade is unfinished: only the one that finishes it opens the system `unfinished`; `ddl` are the
    statements of the read models, which must have been run as well. Raises SchemaTooNew where tables or log
    are not for this program, WrongKeys where the keys are none, or those of another ledger.
    """
    base = open_foundation(
        settings,
        clock=clock,
        host_clock=host_clock,
        random_bytes=random_bytes,
        ddl=ddl,
        unfinished=unfinished,
    )
    _learn_types()
    return _put_together(base, random_bytes=random_bytes)


def _put_together(base: Foundation, *, random_bytes: Callable[[int], bytes]) -> System:
    """Give each use case what it uses."""
    made = recorders(base, policy := _policy(base.settings))
    submissions, quarantine = _submissions(base, made)
    batches = Batches(database=base.database, now=base.now)
    organisations, cards = made.organisations, _cards(base, made)
    registers = _registers(base, made, batches=batches)
    return System(
        settings=base.settings,
        database=base.database,
        keys_database=base.keys_database,
        keyring=base.keyring,
        log=base.log,
        organisations=organisations,
        lookups=made.lookups,
        carers=made.carers,
        record=made.record,
        recordings=made.others,
        alerts=_alerts(base, organisations=organisations, policy=policy),
        transfers=Transfers(log=base.log, database=base.database, days=policy.transfer_days, now=base.now),
        children=_child_list(base, made, cards=cards),
        cards=cards,
        activities=Activities(log=base.log, database=base.database, recording=made.activities, now=base.now),
        fan_outs=FanOuts(event_log=base.log, database=base.database, record=made.record, now=base.now),
        submissions=submissions,
        quarantine=quarantine,
        intake=Intake(submissions=submissions, quarantine=quarantine, organisations=organisations),
        batches=batches,
        changes=Changes(log=base.log, database=base.database, keyring=base.keyring),
        clashes=Clashes(database=base.database, now=base.now),
        doubles=Doubles(made.record.likenesses, now=base.now),
        api_keys=_api_keys(base, random_bytes=random_bytes),
        registers=registers,
        uploaded_papers=_uploaded_papers(base, registers=registers),
        processes=base.processes,
        now=base.now,
    )


def _submissions(base: Foundation, made: Recorders) -> tuple[Submissions, Quarantine]:
    taken = Submissions(record=made.record, others=made.others)
    aside = Quarantine(database=base.database, keyring=base.keyring, submissions=taken, now=base.now)
    return taken, aside


def _uploaded_papers(base: Foundation, *, registers: Registers) -> UploadedPapers:
    maps = ColumnMaps(database=base.database, now=base.now)
    own_words = base.settings.own_words
    return UploadedPapers(database=base.database, registers=registers, maps=maps, own_words=own_words)


def _cards(base: Foundation, made: Recorders) -> Cards:
    # What an older program left of digests is mended where the file is read anyhow.
    told = partial(mend, (made.record.likenesses, made.record.name_digests))
    return Cards(log=base.log, database=base.database, keyring=base.keyring, told=told)


def _child_list(base: Foundation, made: Recorders, *, cards: Cards) -> ChildList:
    return ChildList(
        cards=cards,
        database=base.database,
        carers=made.carers,
        governance=made.organisations.governance,
        now=base.now,
    )


def _alerts(base: Foundation, *, organisations: Organisations, policy: Policy) -> Alerts:
    watching = organisations.governance.watching
    return Alerts(log=base.log, database=base.database, now=base.now, policy=policy, watching=watching)


def _api_keys(base: Foundation, *, random_bytes: Callable[[int], bytes]) -> ApiKeys:
    own, ours, chance = base.keys_database, base.database, random_bytes
    return ApiKeys(
        database=own, keyring=base.keyring, log=base.log, events=ours, random_bytes=chance, now=base.now
    )


def _registers(base: Foundation, made: Recorders, *, batches: Batches) -> Registers:
    return Registers(
        log=base.log,
        record=made.record,
        carers=made.carers,
        organisations=made.organisations,
        keyring=base.keyring,
        batches=batches,
        answers=PaperAnswers(database=base.database, kept=made.record.kept, now=base.now),
        kept_differences=KeptDifferences(database=base.database, keyring=base.keyring, now=base.now),
        recordings={made.record.kind.name: made.record, **made.others},
        now=base.now,
    )


def migrate_system(
    settings: Settings,
    *,
    ddl: Sequence[str] = (),
    steps: Sequence[UpgradeStep] = (),
    progress: Progress = lambda _label, _done, _total: None,
    agreed: Callable[[Sequence[Text]], bool] = lambda _foreseen: True,
) -> bool:
    """Make the tables of both databases, or bring them and what lies in them up to this version.

    `ddl` are the statements of the read models, `steps` their upgrades of data; `progress` is called with how
    far each upgrade has come. `agreed` is shown what people will notice before any data is changed: where it
    says no, the upgrade is left unfinished and False is returned. An interrupted one goes on where it was
    when this is called again.
    """
    if prepare_system(settings, ddl=ddl, steps=steps):
        return True
    every = (*upgrade_steps.STEPS, *steps)
    with closing(open_system(settings.as_owner(), unfinished=True)) as system:
        if not agreed(upgrading.foreseen(system.store(), every)):
            return False
        upgrading.run_steps(system.store(), every, progress=progress)
    return True


def prepare_system(settings: Settings, *, ddl: Sequence[str] = (), steps: Sequence[UpgradeStep] = ()) -> bool:
    """Make or change the tables, and note which upgrades of data are to follow; True where none are.

    Where the tables have an owner of their own, the service's role is granted what it needs. Raises WrongKeys
    where the keys are none, or those of another ledger; Conflict where a role is not the one that is needed.
    """
    owner = settings.as_owner()
    with ExitStack() as opened:
        keys = opened.enter_context(closing(open_database(owner.keys_url, pool_size=1)))
        roles.refuse_unless_owner(keys)
        migrate(keys, part=KEYS)
        database = opened.enter_context(closing(open_database(owner.database_url, pool_size=1)))
        roles.refuse_unless_owner(database)
        is_new = version_of(database) == 0
        if is_new:
            with keys.transaction() as tx:
                mark_taken_over(tx, now=database.now())
        migrate(database, ddl=(*DDL, *ddl))
        note_all_taken(database, event_types())
        ledger.bind(database, keys)
        upgrading.register(database, (*upgrade_steps.STEPS, *steps), is_new=is_new)
        for own, url, service in (
            (keys, settings.owner_keys_url, settings.keys_url),
            (database, settings.owner_database_url, settings.database_url),
        ):
            if url is not None:
                roles.grant(own, opened.enter_context(closing(open_database(service, pool_size=1))))
        return not upgrading.unfinished(database)


def reports_of(
    system: System,
    *,
    unreadable: Callable[[UUID, str], None] | None = None,
    unread_org: Unread | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Reports:
    """Make the reports of a system, with the rules and the escalation policy of its deployment.

    A file that can't be read fails a report, unless `unreadable` is given, which is called with it and the
    kind of its fault: then the report is of all others. So does the file of an organisation, unless
    `unread_org` is given: then its children are in the report all the same. `progress` is called with how
    many files of how many were read.
    """
    return Reports(
        log=system.log,
        cards=system.cards,
        database=system.database,
        organisations=system.organisations,
        now=system.now,
        rules=known_rules(system.settings),
        calendar=default_calendar(),
        ladders=system.alerts.ladders,
        unreadable=unreadable,
        unread_org=unread_org,
        progress=progress,
    )


def merge_keys(settings: Settings, other: str) -> Merged:
    """Take the keys of another database over, as `application.keys.merge` does, into those of a deployment.

    Raises what that raises, and what opening the system raises.
    """

    def settled(theirs: Database, new: Collection[str]) -> tuple[Sequence[str], Sequence[str]]:
        with closing(open_system(settings, unfinished=True)) as system:
            system.record.forget_erased()
            return settle(
                theirs,
                new=new,
                own=system.keys_database,
                keyring=system.keyring,
                log=system.log,
                now=system.now,
            )

    return merge.merge_keys(settings, other, settled=settled)


def _learn_types() -> None:
    """Let msgspec learn each dataclass here: it crashes where two threads meet one for the first time."""
    for kind in (*details_by_type().values(), Metadata, Submission, Rule):
        msgspec.json.Decoder(kind)


def _policy(settings: Settings) -> Policy:
    """Read the deployment's own policy where it has one. Raises BadPolicy."""
    own = settings.rules_dir / POLICY if settings.rules_dir else None
    return policy_from_text(own.read_text(encoding="utf-8")) if own and own.exists() else default_policy()
