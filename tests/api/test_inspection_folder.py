"""The folder of an inspection: those who were drawn, a sheet each, and nobody else."""

from uuid import UUID, uuid4

from application.access import SYSTEM, Role
from tests.api.support import SCHOOL, ApiWorld
from tests.api.test_inspections import draw, inspection
from tests.api.test_money_and_homes import said
from tests.api.test_pages import of

OTHER = "county/township/other"


def test_the_folder_has_a_sheet_for_each_child_that_was_drawn(world: ApiWorld) -> None:
    # Given eight children, of whom three are drawn; one of these was visited twice, once without a record.
    children = [UUID(world.enrol(name=f"儿童{n}")) for n in range(8)]
    visitor, carer = of(world, Role.MANAGER), UUID(world.carer())
    nothing = visitor.get(f"/reports/inspection-folder.json?org={SCHOOL}").json
    path = inspection(world)
    drawn = [UUID(child) for child in draw(world, path, size=3).json["children"]]
    world.desk.visit(drawn[0], carer, "2026-05-06")
    world.desk.visit(drawn[0], carer, "2026-05-20", record=None)

    # When the inspectors have been there.
    visit = {"child": str(drawn[0]), "outcome": "met", "file_agrees": False}
    assert said(world, path, "inspection_visit_made", **visit).status_code == 201

    # Then there is a sheet for each, with what its file shows.
    assert [note["code"] for note in nothing["notes"]] == ["nothing_drawn"]
    folder = visitor.get(f"/reports/inspection-folder.json?org={SCHOOL}").json["items"]
    named = {row["name"]: row for row in folder}
    assert set(named) == {f"儿童{children.index(child)}" for child in drawn}
    first = named[f"儿童{children.index(drawn[0])}"]
    assert ([each["day"] for each in first["visits"]], first["outcome"], first["agrees"]) == (
        ["2026-05-06"],
        "met",
        False,
    )
    page = visitor.get(f"/reports/inspection-folder?org={SCHOOL}")
    assert page.text.count('<section class="sheet">') == 3
    assert "检查人员：" in page.text
    asked = f"/reports/inspection-folder.json?org={SCHOOL}&inspection={uuid4()}"
    assert visitor.get(asked).json["items"] == []

    # And another school has none of it.
    world.system.organisations.ensure(OTHER, actor=SYSTEM)
    other = of(world, Role.MANAGER, org=OTHER)
    assert other.get(f"/reports/inspection-folder.json?org={OTHER}").json["items"] == []
