"""What entitling stores: programmes with their versions and pauses, every determination they made, waiting people, and previews asked."""

from eligibility.models.determination import Determination, Screening
from eligibility.models.opening import OpeningReminder, ProgrammeEnding, ProgrammePause
from eligibility.models.preview import PreviewAsked, PreviewRelease
from eligibility.models.programme import Programme, ProgrammeVersion
from eligibility.models.proposal import LocalProposal

__all__ = [
    "Determination",
    "LocalProposal",
    "OpeningReminder",
    "PreviewAsked",
    "PreviewRelease",
    "Programme",
    "ProgrammeEnding",
    "ProgrammePause",
    "ProgrammeVersion",
    "Screening",
]
