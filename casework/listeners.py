"""What casework listens to. One line each: when something was announced, hint at a job."""

from casework.announcements import DeliveryWaiting
from casework.jobs import cases, delivery
from consent.announcements import ConsentChanged
from consent.models.consents import EFFECTIVE
from portal.kit.announce import enqueue, listen

# --- cases


@listen(ConsentChanged)
def tell_worker(changed: ConsentChanged) -> None:
    enqueue(
        cases.follow_consent,
        consent_id=str(changed.consent_id), record_id=str(changed.record_id), agency_id=str(changed.agency_id),
    )  # fmt: skip


# --- referrals


@listen(DeliveryWaiting)
def drain_deliveries(_announcement: DeliveryWaiting) -> None:
    enqueue(delivery.drain)


@listen(ConsentChanged)
def follow_consent(changed: ConsentChanged) -> None:
    ids = {"record_id": str(changed.record_id)}
    if changed.state in EFFECTIVE:
        enqueue(delivery.send_allowed, **ids)
    else:
        enqueue(delivery.recheck_permissions, **ids, agency_id=str(changed.agency_id))
