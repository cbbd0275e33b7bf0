"""What entitling stores: programmes with their versions, and every determination they made."""

from eligibility.models.determination import Determination, Screening
from eligibility.models.programme import Programme, ProgrammeVersion

__all__ = ["Determination", "Programme", "ProgrammeVersion", "Screening"]
