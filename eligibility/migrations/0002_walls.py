"""The database's own walls: published versions and determinations never change, and who may see which determination.

Row-level security: a determination is visible where its record is (the record's own policies decide that). Staff see those of
their own agency's programmes; at a counter, with the person present, all of them. Machines write for the one record they were
given; a machine for the whole caseload reads.
"""

from django.db import migrations

FORWARD = """
alter table eligibility_programmeversion add constraint programme_version_not_by_a_writer
    check (approver_id is null or not (writers ? approver_id::text));

create function eligibility_version_is_final() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.state in ('published', 'closed') then
            raise exception 'a published version of a programme is never deleted' using errcode = 'restrict_violation';
        end if;
        return old;
    end if;
    if old.state not in ('published', 'closed') then
        return new;
    end if;
    if row(new.programme_id, new.number, new.definition, new.shared, new.sha256, new.examples, new.note, new.origin, new.based_on_id,
           new.effective_from, new.author_id, new.approver_id, new.writers, new.created_at, new.published_at)
       is distinct from
       row(old.programme_id, old.number, old.definition, old.shared, old.sha256, old.examples, old.note, old.origin, old.based_on_id,
           old.effective_from, old.author_id, old.approver_id, old.writers, old.created_at, old.published_at)
       or (old.state = 'closed' and new.state <> 'closed') or new.state not in ('published', 'closed')
       or (old.effective_to is not null and (new.effective_to is null or new.effective_to > old.effective_to)) then
        raise exception 'a published version of a programme never changes; it can only end earlier'
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger eligibility_version_is_final before update or delete on eligibility_programmeversion
    for each row execute function eligibility_version_is_final();

create function eligibility_determination_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'a determination never changes' using errcode = 'restrict_violation';
end $$;
create trigger eligibility_determination_is_final before update on eligibility_determination
    for each row execute function eligibility_determination_is_final();

alter table eligibility_determination enable row level security;
create policy determination_seen on eligibility_determination for select using (
    app_caseload()
    or (
        consent_sees(record_id)
        and (
            app_kind() <> 'staff'
            or agency_id = app_agency()
            or consent_is_at_counter(record_id)
        )
    )
);
create policy determination_made on eligibility_determination for insert
    with check (app_kind() = 'machine' and record_id = app_record());
create policy determination_erased on eligibility_determination for delete
    using (app_kind() = 'machine' and record_id = app_record());

alter table eligibility_screening enable row level security;
create policy screening_seen on eligibility_screening for select using (
    app_caseload() or consent_sees(record_id)
);
create policy screening_made on eligibility_screening for insert
    with check (app_kind() = 'machine' and record_id = app_record());
create policy screening_renewed on eligibility_screening for update
    using (app_kind() = 'machine' and record_id = app_record())
    with check (app_kind() = 'machine' and record_id = app_record());
create policy screening_erased on eligibility_screening for delete
    using (app_kind() = 'machine' and record_id = app_record());
"""

BACKWARD = """
drop policy screening_erased on eligibility_screening;
drop policy screening_renewed on eligibility_screening;
drop policy screening_made on eligibility_screening;
drop policy screening_seen on eligibility_screening;
alter table eligibility_screening disable row level security;
drop policy determination_erased on eligibility_determination;
drop policy determination_made on eligibility_determination;
drop policy determination_seen on eligibility_determination;
alter table eligibility_determination disable row level security;
drop trigger eligibility_determination_is_final on eligibility_determination;
drop function eligibility_determination_is_final();
drop trigger eligibility_version_is_final on eligibility_programmeversion;
drop function eligibility_version_is_final();
alter table eligibility_programmeversion drop constraint programme_version_not_by_a_writer;
"""


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0001_initial"), ("portal", "0002_acting_person")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
