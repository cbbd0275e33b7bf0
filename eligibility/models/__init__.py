"""What entitling stores: programmes with their versions and pauses, every determination they made, and who waits for an opening."""

from eligibility.models.determination import Determination, Screening
from eligibility.models.opening import OpeningReminder, ProgrammeEnding, ProgrammePause
from eligibility.models.programme import Programme, ProgrammeVersion

__all__ = ["Determination", "OpeningReminder", "Programme", "ProgrammeEnding", "ProgrammePause", "ProgrammeVersion", "Screening"]
