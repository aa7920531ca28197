"""The school that a paper is of: its units, carers and children, found, or made under ids that stay."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count, islice
from uuid import UUID

from application.access import ALLOWED, Action, Actor
from application.intake.imports.desk import Desk
from application.intake.imports.paper import derived_id, unreadable
from application.intake.imports.registers import Registers
from application.intake.imports.school_people import Namesakes, OnFile, Person
from application.intake.papers import people
from application.intake.papers.units import place_of, same_unit
from application.reasons import TWO_ALIKE
from domain.case_no import case_no_of
from domain.child import Child, fold
from domain.fields import faults_of
from domain.near_names import is_near
from domain.normal import normal_name, undotted
from domain.org import county_of
from domain.refusal import Invalid, Reason, Refused
from domain.streams.carers.carer import CarerRegistered

ONE_CARER = Reason(
    code="one_carer",
    zh="看不出是一人还是几人；几个人之间请用“、”隔开",
    en="This may be one person or several. Put a Chinese list comma between several.",
)
# Names compared with one that nobody bears; those proposed for it; such names of a paper that are looked at;
# bearers of one name who are told apart.
MOST_COMPARED, MOST_PROPOSED, MOST_ASKED, MOST_TOLD = 600, 3, 300, 8
# Numbers that are asked for at once.
AT_ONCE = 500


class School:
    """One school for the time of one import."""

    def __init__(self, path: str, *, registers: Registers, desk: Desk, actor: Actor) -> None:
        self.path = path
        self._registers = registers
        self._desk = desk
        self._actor = actor
        self._units: dict[str, str] = {}
        self._carers: dict[str, UUID] = {}
        # What was looked up of the names that are about to be asked for, and which of them are new.
        self._alike: dict[str, list[UUID]] = {}
        self._free: dict[str, UUID] = {}
        self._made: dict[str, UUID] = {}
        self._waiting: dict[str, UUID] = {}
        self._names: dict[tuple[UUID, frozenset[str]], str | None] = {}
        self._near: dict[tuple[str, str], tuple[str, ...]] = {}
        self._classes: dict[str, list[tuple[OnFile, str]]] = {}
        # By their versions: where many bear one name, each portion would read all their files again.
        self._read: dict[UUID, tuple[int, OnFile]] = {}

    def children(self, numbers: Collection[str]) -> dict[str, tuple[UUID, ...] | Refused]:
        """Find the children whom student numbers stand for in the county; of several none is meant.

        A number whose children can't be read has the `Refused` that says why.
        """
        wanted, found = list(dict.fromkeys(numbers)), dict[str, tuple[UUID, ...] | Refused]()
        for start in range(0, len(wanted), AT_ONCE):
            found |= self._children(wanted[start : start + AT_ONCE])
        return found

    def _children(self, numbers: Sequence[str]) -> dict[str, tuple[UUID, ...] | Refused]:
        try:
            return dict(self._registers.record.meant(numbers, scope=county_of(self.path)))
        except Refused as refused:
            if len(numbers) == 1:
                return {numbers[0]: refused}
        return {number: answer for each in numbers for number, answer in self._children([each]).items()}

    def on_file_by_number(self, numbers: Collection[str]) -> dict[str, list[OnFile]]:
        """Find the children of the county whom student numbers stand for, as far as they can be read."""
        found = {n: () if isinstance(ids, Refused) else ids for n, ids in self.children(numbers).items()}
        known = self._known(sorted({i for ids in found.values() for i in ids}))
        return {n: [c for i in ids if isinstance(c := known[i], OnFile)] for n, ids in found.items()}

    def named(self, names: Collection[str]) -> dict[str, Namesakes | Refused]:
        """Find the children who bear names and are of the school, or were before they moved in the county.

        A name of which a file of the school can't be read has the `Refused` that says why.
        """
        here = self._registers.record.named(names, scope=self.path)
        by_name = self._by_name(names, scope=county_of(self.path))
        return {name: self._bearing(name, found, here=here[name]) for name, found in by_name.items()}

    def _by_name(self, names: Collection[str], *, scope: str) -> dict[str, dict[UUID, OnFile | Refused]]:
        """Return who bear names or once did, by name and id."""
        by_name = self._registers.record.named(names, scope=scope)
        children = self._known(sorted({child_id for found in by_name.values() for child_id in found}))
        return {name: {i: children[i] for i in ids} for name, ids in by_name.items()}

    def _bearing(
        self, name: str, children: Mapping[UUID, OnFile | Refused], *, here: Collection[UUID]
    ) -> Namesakes | Refused:
        bearers: list[OnFile] = []
        for child_id, child in children.items():
            if isinstance(child, OnFile):
                if undotted(name) in child.names:
                    bearers.append(child)
            elif child_id in here:
                return child
        return Namesakes(school=self.path, children=tuple(bearers))

    def near(self, name: str, said: str) -> tuple[str, ...]:
        """Return the case numbers of children whose names may be meant by one that nobody bears.

        Of the class that is said, or else of the school; none where these are too many, or may not be read.
        """
        asked = name, said
        if asked not in self._near and len(self._near) < MOST_ASKED:
            near = (each.child_id for each, known in self._compared(said) if is_near(name, known))
            self._near[asked] = tuple(map(case_no_of, islice(near, MOST_PROPOSED)))
        return self._near.get(asked, ())

    def told_apart(self, ids: Collection[UUID]) -> Iterator[tuple[str, str]]:
        """Go through case numbers of children of the school, each with its class, for who may read them."""
        units = dict(self._everybody)
        for child_id in sorted(ids, key=case_no_of)[:MOST_TOLD]:
            if child_id in units:
                yield case_no_of(child_id), units[child_id].removeprefix(self.path).removeprefix("/")

    def _compared(self, said: str) -> Sequence[tuple[OnFile, str]]:
        """Return the children of a class, or of the school, with their names."""
        if said not in self._classes:
            below = f"{self.path}/"
            ids = [i for i, org in self._everybody if not said or same_unit(said, org.removeprefix(below))]
            known = self._known(ids).values() if len(ids) <= MOST_COMPARED else ()
            named = ((each, each.person) for each in known if isinstance(each, OnFile))
            self._classes[said] = [(each, person.name) for each, person in named if person is not None]
        return self._classes[said]

    @cached_property
    def _everybody(self) -> tuple[tuple[UUID, str], ...]:
        """The children of the school with where they belong, for whoever may read them."""
        if Action.READ not in ALLOWED[self._actor.role] or self._actor.types is not None:
            return ()
        return self._registers.record.belonging(self.path)

    def alike(self, wanted: Mapping[int, Person]) -> dict[int, tuple[UUID, ...] | Refused]:
        """Find the children of the school who may be those that rows without a known number speak of.

        They have the name, the sex and the birthday, and no other number than the row: a row with a number
        means one who has none yet.
        """
        by_name = self._by_name({each.name for each in wanted.values()}, scope=self.path)
        return {number: self._may_be(person, by_name[person.name]) for number, person in wanted.items()}

    def _may_be(
        self, person: Person, children: Mapping[UUID, OnFile | Refused]
    ) -> tuple[UUID, ...] | Refused:
        unread = [each for each in children.values() if isinstance(each, Refused)]
        # Whoever has a number of its own is told from a file that can't be read now.
        if unread and person.student_no is None:
            return unread[0]
        there = {i: each for i, each in children.items() if isinstance(each, OnFile)}
        return tuple(i for i, each in there.items() if each.may_be_of(person))

    def _known(self, ids: Sequence[UUID]) -> dict[UUID, OnFile | Refused]:
        """Return who children are; of those who were read before, and not written to since, as they were."""
        versions = self._registers.record.versions(ids)
        known = dict[UUID, OnFile | Refused]()
        for i in ids:
            if i in self._read and self._read[i][0] == versions.get(i):
                known[i] = self._read[i][1]
        for i, child in self._files([i for i in ids if i not in known]).items():
            if isinstance(child, Refused):
                known[i] = child
            else:
                self._read[i] = child.version, OnFile.of(child)
                known[i] = self._read[i][1]
        return known

    def _files(self, ids: Sequence[UUID]) -> dict[UUID, Child | Refused]:
        """Read files, in halves where one of them can't be read."""
        try:
            return {i: fold(i, events) for i, events in self._registers.log.streams(ids).items()}
        except Refused as refused:
            if len(ids) == 1:
                return {ids[0]: refused}
        middle = len(ids) // 2
        return self._files(ids[:middle]) | self._files(ids[middle:])

    def new_child(self, person: Person) -> UUID:
        """Return the id of the file that a child which is not known gets in this school."""
        # The parts of the digest are for ever: a change would open a second file for every child.
        digest = self._registers.keyring.digest
        if person.student_no is not None:
            return derived_id(digest("import_child", self.path, person.student_no))
        who = (normal_name(person.name), person.birth_date.isoformat(), person.sex.value)
        return derived_id(digest("import_child_without_number", self.path, *who))

    def new_entry(self, child_id: UUID, what: str, *, known: Collection[UUID]) -> UUID:
        """Return the id of an entry of a row; after an undo the next one."""
        digest = self._registers.keyring.digest
        ids = (derived_id(digest("import_row", child_id, generation, what)) for generation in count())
        return next(event_id for event_id in ids if event_id not in known)

    def unit(self, unit: str) -> str:
        """Return the path of a unit of the school, which is made where there is none.

        Where the school has the same class under another spelling, it is that one.
        """
        if unit not in self._units:
            path = f"{self.path}/{self._as_known(unit)}".removesuffix("/")
            self._units[unit] = self._desk.ensure(path, actor=self._actor)
            self._known_units.add(self._units[unit].removeprefix(f"{self.path}/"))
        return self._units[unit]

    @cached_property
    def _known_units(self) -> set[str]:
        paths = self._registers.organisations.paths(below=self.path)
        return {path.removeprefix(f"{self.path}/") for path in paths if path != self.path}

    def _as_known(self, unit: str) -> str:
        """Return a unit as the school wrote it first: the class itself, or else its grade."""
        if unit in self._known_units:
            return unit
        known = {place_of(each): each for each in sorted(self._known_units, reverse=True)}
        grade, _, group = unit.partition("/")
        if (place := place_of(unit)) is not None and place in known:
            return known[place]
        if group and (place := place_of(grade)) is not None and place in known:
            return f"{known[place]}/{group}"
        return unit

    def look_up_carers(self, names: Collection[str]) -> None:
        """Look up at once the carers whose names are about to be asked for."""
        every = dict.fromkeys(each for name in names for each in people.spellings(name))
        carers = self._registers.carers
        self._alike = carers.called_alike(org=self.path, names=tuple(every)) if every else {}

    def expect_carers(self, names: Iterable[str]) -> None:
        """Do the same for names of which some will be new."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._carers]
        self.look_up_carers(wanted)
        first = {name: self._new_id(name, 0) for name in wanted if not self.carers_meant(name)}
        taken = self._registers.carers.known(tuple(first.values())) if first else ()
        self._free = {name: carer_id for name, carer_id in first.items() if carer_id not in taken}

    def carer(self, name: str, column: str) -> UUID:
        """Find the carer of this name, which stands in `column`, in the school, or make one: see `settle`."""
        if name not in self._carers:
            alike = self.carers_meant(name)
            if len(alike) > 1:
                raise unreadable(TWO_ALIKE, column)
            self._carers[name] = alike[0] if alike else self._new_carer(name, column)
        return self._carers[name]

    def carers_meant(self, name: str) -> list[UUID]:
        """Find the carers of the school who are meant by a name, with or without a title behind it."""
        return next(filter(None, map(self.carers_alike, people.spellings(name))), [])

    def carers_alike(self, name: str) -> list[UUID]:
        """Find the carers of the school who go by a name now."""
        if (made := self._made.get(undotted(name))) is not None:
            return [made]
        if name not in self._alike:
            self._alike |= self._registers.carers.called_alike(org=self.path, names=(name,))
        return self._alike[name]

    def settle(self) -> None:
        """Register the carers that were made, in one save. Where that fails, none of them is there."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            self._desk.register(
                {carer_id: CarerRegistered(name=name) for name, carer_id in waiting.items()},
                org=self.path,
                actor=self._actor,
            )
        except BaseException:
            for name in waiting:
                del self._carers[name], self._made[undotted(name)]
            self._alike, self._free = {}, {}
            raise

    def names(self, carers: Collection[UUID], *, counties: frozenset[str]) -> Mapping[UUID, str]:
        """Return the names of a child's carers as they are at the first look."""
        if unsure := [carer_id for carer_id in carers if (carer_id, counties) not in self._names]:
            found = {carer_id: name for name, carer_id in self._carers.items()}
            found |= self._registers.carers.names(unsure, counties=counties)
            self._names |= {(carer_id, counties): found.get(carer_id) for carer_id in unsure}
        known = {carer_id: self._names[carer_id, counties] for carer_id in carers}
        return {carer_id: name for carer_id, name in known.items() if name is not None}

    def _new_carer(self, name: str, column: str) -> UUID:
        if people.may_be_several(name):
            raise unreadable(ONE_CARER, column)
        if faults := tuple(faults_of(CarerRegistered(name=name), at="")):
            raise Invalid(*faults)
        if (carer_id := self._free.get(name)) is None:
            ids = (self._new_id(name, generation) for generation in count())
            # Whoever had an id may bear another name by now, and is another person.
            carer_id = next(each for each in ids if not self._registers.carers.known([each]))
        self._waiting[name] = self._made[undotted(name)] = carer_id
        return carer_id

    def _new_id(self, name: str, generation: int) -> UUID:
        return derived_id(self._registers.keyring.digest("import_carer", self.path, generation, name))
