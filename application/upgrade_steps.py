"""The upgrades of data that a store may have to go through, in the order in which they came."""

from application import keys_taken_over
from application.upgrading import UpgradeStep

STEPS: tuple[UpgradeStep, ...] = (keys_taken_over.STEP,)
