"""What `eligibility` does when lower floors, and it itself, announce something."""

from consent.announcements import ConsentChanged, RecordChanged
from eligibility import jobs
from eligibility.announcements import ProgrammePublished
from portal.kit.announce import enqueue, listen


@listen(RecordChanged)
def screen_changed_record(changed: RecordChanged) -> None:
    enqueue(jobs.screen, record_id=str(changed.record_id))


@listen(ProgrammePublished)
def screen_everybody_again(published: ProgrammePublished) -> None:
    enqueue(jobs.sweep, after="")


@listen(ConsentChanged)
def screen_after_a_choice(changed: ConsentChanged) -> None:
    enqueue(jobs.screen, record_id=str(changed.record_id))
