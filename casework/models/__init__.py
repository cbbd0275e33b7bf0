from casework.models.case import Application, CaseGrant, CoordinationCase, ProgrammeCase, StatusEvent
from casework.models.decision import Decision
from casework.models.letter import Letter
from casework.models.task import CaseTask, InformationRequest, Note

__all__ = [
    "Application", "CaseGrant", "CaseTask", "CoordinationCase", "Decision", "InformationRequest", "Letter", "Note",
    "ProgrammeCase", "StatusEvent",
]
