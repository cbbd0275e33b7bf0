"""Row-level security and histories of referrals: the sender, the receiver once it was delivered, the person, and the portal itself.

A machine without agency and record is the portal's own sweep: it finds what is due by ids and then acts record by record.
"""

from django.db import migrations

_AGENT = "app_kind() in ('staff', 'machine')"
_OF_RECORD = """
    (app_kind() = 'machine' and record_id = app_record()) or (app_kind() = 'citizen' and consent_owns(record_id))
"""
_SENDER = f"({_AGENT} and requester_id = (select app_agency()))"
_RECEIVER = f"({_AGENT} and target_id = (select app_agency()))"
_SWEEP = "(app_kind() = 'machine' and app_agency() is null and app_record() is null)"
# As in consent/0002_walls: what a policy asks of another walled table is a function of the owner, planned once.
DELIVERED_TO_US = """
create function casework_delivered_to_us(referral uuid) returns boolean language plpgsql stable parallel safe security definer
    set search_path = pg_catalog, public as $$
    begin return exists (select 1 from casework_referraltask t where t.referral_id = referral
                         and t.target_id = app_agency() and t.delivered_at is not null); end $$;
"""
NOT_DELIVERED_TO_US = "drop function casework_delivered_to_us(uuid);"

REACH = {
    "casework_referral": f"""
        {_OF_RECORD} or ({_AGENT} and agency_id = (select app_agency())) or ({_AGENT} and casework_delivered_to_us(id))
        or ({_SWEEP} and state = 'awaiting_consent')
    """,
    "casework_referraltask": f"{_OF_RECORD} or {_SENDER} or ({_RECEIVER} and delivered_at is not null) or {_SWEEP}",
    "casework_referralevent": f"{_OF_RECORD} or {_SENDER} or {_RECEIVER}",
    "casework_referralanswer": f"{_OF_RECORD} or {_SENDER}",
    "casework_disclosuremanifest": f"{_OF_RECORD} or {_SENDER} or {_RECEIVER}",
    "casework_disclosure": f"{_OF_RECORD} or {_SENDER} or {_RECEIVER}",
    "casework_referraldelivery": f"{_OF_RECORD} or {_SENDER} or {_RECEIVER} or {_SWEEP}",
    "casework_inboundkey": f"{_AGENT} and agency_id = (select app_agency())",
}
WALLS = "\n".join(
    f"alter table {table} enable row level security; create policy reach on {table} using ({reach});"
    for table, reach in REACH.items()
)
NO_WALLS = "\n".join(f"drop policy reach on {table}; alter table {table} disable row level security;" for table in REACH)

HISTORIES = ("casework_referralevent", "casework_disclosure", "casework_referralanswer")
APPEND_ONLY = "\n".join(
    f"create trigger append_only before update or delete on {table} for each statement execute function refuse_change();"
    for table in HISTORIES
)
NOT_APPEND_ONLY = "\n".join(f"drop trigger append_only on {table};" for table in HISTORIES)

# What a disclosure rests on is fixed when it is sent; only its recall is added.
FIXED = """
create function casework_manifest_is_fixed() returns trigger language plpgsql as $$
begin
    if (to_jsonb(old) - 'recalled_at') is distinct from (to_jsonb(new) - 'recalled_at') then
        raise exception 'a disclosure manifest is fixed when it is sent' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger fixed before update on casework_disclosuremanifest for each row execute function casework_manifest_is_fixed();
create trigger kept before delete on casework_disclosuremanifest for each statement execute function refuse_change();
"""
NOT_FIXED = """
drop trigger kept on casework_disclosuremanifest;
drop trigger fixed on casework_disclosuremanifest;
drop function casework_manifest_is_fixed();
"""

# A partner's system names a person by that agency's own pseudonym. The answer is a record's id, and only while the
# agency is involved: whoever is not learns nothing, not even that the person is known.
LOOK_UP = """
create function casework_record_of_pseudonym(pseudonym text) returns uuid language sql stable security definer
    set search_path = pg_catalog, public as $$
    select r.id
      from consent_sectoridentifier s join consent_caserecord r on r.person_id = s.person_id
     where s.value = pseudonym and s.agency_id = app_agency()
       and exists (select 1 from consent_involvement i where i.record_id = r.id and i.agency_id = app_agency()
                   and i.starts_at <= now() + interval '1 minute' and (i.ends_at is null or i.ends_at > now()))
$$;
"""
NO_LOOK_UP = "drop function casework_record_of_pseudonym(text);"


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_referrals"), ("consent", "0002_walls")]
    operations = [
        migrations.RunSQL(DELIVERED_TO_US, NOT_DELIVERED_TO_US),
        migrations.RunSQL(WALLS, NO_WALLS),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(FIXED, NOT_FIXED),
        migrations.RunSQL(LOOK_UP, NO_LOOK_UP),
    ]
