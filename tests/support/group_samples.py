"""One sample of every type of entry for many children, made of the samples of what stands in their files."""

from typing import Any

from domain.streams.group_actions.sheets import SHEETS
from tests.support.care_samples import OTHER

_SHARE = {"child": OTHER, "recipient": "林小禾", "signed_by": "林大山", "receipt": "S-0008"}


def of_groups(care: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the samples; `care` are those of care actions."""
    made: dict[str, dict[str, Any]] = {
        "group_action_opened": {"title": "健康日", "place": "本校操场"},
        "donation_shared_out": {
            "children": [_SHARE],
            "amount_fen": 10000,
            "items": [{"item": "书包", "quantity": 1}],
            "purpose": "助学",
            "handed_over_by": "赵主任",
            "witness": "村会计",
        },
    }
    for sheet in SHEETS.values():
        said = care[sheet.writes.TYPE]
        row = {"child": OTHER, **{name: said[name] for name in sheet.each}}
        head = {name: value for name, value in said.items() if name not in sheet.each}
        made[sheet.name] = {"children": [row], **head}
    return made
