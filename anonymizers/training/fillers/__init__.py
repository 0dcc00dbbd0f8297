"""What fills the slots of templates, by class."""

from anonymizers.training.fillers.slots import SLOTS

__all__ = ["SLOTS"]
