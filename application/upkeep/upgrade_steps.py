"""The upgrades of data that a store may have to go through, in the order in which they came."""

from application.upkeep import keys_taken_over
from application.upkeep.likenesses_made import LIKENESSES
from application.upkeep.name_parts import NAME_PARTS
from application.upkeep.normal_forms import NORMAL_FORMS
from application.upkeep.undotted_names import UNDOTTED_NAMES
from application.upkeep.upgrading import UpgradeStep

STEPS: tuple[UpgradeStep, ...] = (NORMAL_FORMS, keys_taken_over.STEP, LIKENESSES, NAME_PARTS, UNDOTTED_NAMES)
