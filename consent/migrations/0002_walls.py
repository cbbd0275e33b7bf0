"""Row-level security on the record: the second wall, under the gate. Fails closed: without an actor nothing is visible.

A citizen sees their own record; an agency's staff see records the agency is involved with or holds a live grant on; a
machine sees the one record it was made for; a caseload machine sees the pseudonymous projection of all. An involvement that
begins within the open transaction counts (`now()` is when the transaction began); the gate is exact. Append-only
tables refuse UPDATE and DELETE whoever asks.
"""

from django.db import migrations

APPEND_ONLY = ("consent_factevent", "consent_consentevent", "consent_accesslog")
OF_RECORD = ("consent_recordsnapshot", "consent_factevent")

RECORD = "consent_sees(record_id)"
IS_SOMEBODY = "app_kind() IN ('citizen', 'staff', 'machine')"
AGENCY_OR_OWN = f"""
    (app_kind() = 'citizen' AND consent_owns(record_id))
    OR (app_kind() = 'machine' AND record_id = app_record())
    OR (app_kind() = 'staff' AND agency_id = (SELECT app_agency()))
"""

POLICIES = f"""
CREATE FUNCTION consent_owns(record uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public AS
    $$ SELECT EXISTS (SELECT 1 FROM consent_caserecord r WHERE r.id = record AND r.person_id = app_person()) $$;
CREATE FUNCTION consent_is_involved(record uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public AS
    $$ SELECT EXISTS (SELECT 1 FROM consent_involvement i WHERE i.record_id = record AND i.agency_id = app_agency()
                      AND i.starts_at <= now() + interval '1 minute' AND (i.ends_at IS NULL OR i.ends_at > now())) $$;

-- What a policy asks of another walled table is a function of the owner: inlined, the policies of that table would be
-- planned anew within every statement (measured: nine tenths of the database's time on a case page).
CREATE FUNCTION consent_sees(record uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    BEGIN
        RETURN CASE app_kind()
            WHEN 'machine' THEN record = app_record()
            WHEN 'citizen' THEN EXISTS (SELECT 1 FROM consent_caserecord r WHERE r.id = record AND r.person_id = app_person())
            WHEN 'staff' THEN
                EXISTS (SELECT 1 FROM consent_involvement i WHERE i.record_id = record AND i.agency_id = app_agency()
                        AND i.starts_at <= now() + interval '1 minute' AND (i.ends_at IS NULL OR i.ends_at > now()))
                OR EXISTS (SELECT 1 FROM consent_recordgrant g WHERE g.content_object_id = record
                           AND g.agency_id = app_agency() AND g.until > now())
            ELSE false END;
    END $$;
CREATE FUNCTION consent_is_at_counter(record uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    BEGIN
        RETURN app_kind() = 'staff' AND EXISTS (
            SELECT 1 FROM consent_involvement i WHERE i.record_id = record AND i.agency_id = app_agency() AND i.kind = 'counter'
                AND i.starts_at <= now() + interval '1 minute' AND (i.ends_at IS NULL OR i.ends_at > now()));
    END $$;
CREATE FUNCTION consent_sees_household(household uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    BEGIN
        RETURN EXISTS (SELECT 1 FROM consent_caserecord r WHERE r.household_id = household AND consent_sees(r.id));
    END $$;
CREATE FUNCTION consent_sees_person(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    BEGIN
        -- OFFSET 0: first the person's records, then whether they are seen; never all records' before the join.
        RETURN EXISTS (SELECT 1 FROM (
            SELECT r.id FROM consent_householdmembership m JOIN consent_caserecord r USING (household_id)
             WHERE m.person_id = person OFFSET 0) theirs WHERE consent_sees(theirs.id));
    END $$;
CREATE FUNCTION consent_sees_consent(consent uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    BEGIN
        RETURN EXISTS (SELECT 1 FROM consent_consent c WHERE c.id = consent AND (
            (app_kind() = 'citizen' AND consent_owns(c.record_id)) OR (app_kind() = 'machine' AND c.record_id = app_record())
            OR (app_kind() = 'staff' AND (c.agency_id = app_agency() OR c.witness_id = app_user())) OR app_caseload()));
    END $$;

ALTER TABLE consent_caserecord ENABLE ROW LEVEL SECURITY;
CREATE POLICY record_read ON consent_caserecord FOR SELECT TO PUBLIC
    USING (app_caseload() OR (app_kind() = 'citizen' AND person_id = app_person()) OR consent_sees(id));
CREATE POLICY record_open ON consent_caserecord FOR INSERT TO PUBLIC
    WITH CHECK ((app_kind() = 'citizen' AND person_id = app_person()) OR (app_kind() = 'staff' AND app_agency() IS NOT NULL));
CREATE POLICY record_change ON consent_caserecord FOR UPDATE TO PUBLIC USING (consent_sees(id));

ALTER TABLE consent_person ENABLE ROW LEVEL SECURITY;
CREATE POLICY person_read ON consent_person FOR SELECT TO PUBLIC USING (
    (app_kind() = 'citizen' AND (id = app_person() OR user_id = app_user()))
    OR (NOT app_caseload() AND consent_sees_person(id)));
CREATE POLICY person_add ON consent_person FOR INSERT TO PUBLIC WITH CHECK ({IS_SOMEBODY});
CREATE POLICY person_change ON consent_person FOR UPDATE TO PUBLIC USING (
    (app_kind() = 'citizen' AND id = app_person()) OR consent_sees_person(id));

ALTER TABLE consent_household ENABLE ROW LEVEL SECURITY;
CREATE POLICY household_read ON consent_household FOR SELECT TO PUBLIC USING (consent_sees_household(id));
CREATE POLICY household_add ON consent_household FOR INSERT TO PUBLIC WITH CHECK ({IS_SOMEBODY});

ALTER TABLE consent_householdmembership ENABLE ROW LEVEL SECURITY;
CREATE POLICY membership_all ON consent_householdmembership TO PUBLIC
    USING (NOT app_caseload() AND consent_sees_household(household_id));

ALTER TABLE consent_personname ENABLE ROW LEVEL SECURITY;
CREATE POLICY name_all ON consent_personname TO PUBLIC USING (
    (app_kind() = 'citizen' AND person_id = app_person()) OR (NOT app_caseload() AND consent_sees_person(person_id)));
ALTER TABLE consent_contactpoint ENABLE ROW LEVEL SECURITY;
CREATE POLICY contact_all ON consent_contactpoint TO PUBLIC USING (
    (app_kind() = 'citizen' AND person_id = app_person()) OR (NOT app_caseload() AND consent_sees_person(person_id)));

ALTER TABLE consent_typedfacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY typed_read ON consent_typedfacts FOR SELECT TO PUBLIC USING (app_caseload() OR {RECORD});
CREATE POLICY typed_add ON consent_typedfacts FOR INSERT TO PUBLIC WITH CHECK (NOT app_caseload() AND {RECORD});
CREATE POLICY typed_change ON consent_typedfacts FOR UPDATE TO PUBLIC USING (NOT app_caseload() AND {RECORD});

ALTER TABLE consent_involvement ENABLE ROW LEVEL SECURITY;
CREATE POLICY involvement_read ON consent_involvement FOR SELECT TO PUBLIC USING ({AGENCY_OR_OWN});
CREATE POLICY involvement_add ON consent_involvement FOR INSERT TO PUBLIC WITH CHECK (
    ({AGENCY_OR_OWN}) OR (app_kind() = 'staff' AND consent_is_involved(record_id)));
CREATE POLICY involvement_change ON consent_involvement FOR UPDATE TO PUBLIC USING ({AGENCY_OR_OWN})
    WITH CHECK ({AGENCY_OR_OWN});

ALTER TABLE consent_consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY consent_read ON consent_consent FOR SELECT TO PUBLIC USING (
    ({AGENCY_OR_OWN}) OR app_caseload() OR (app_kind() = 'staff' AND witness_id = app_user()));
CREATE POLICY consent_add ON consent_consent FOR INSERT TO PUBLIC WITH CHECK (
    (app_kind() = 'citizen' AND consent_owns(record_id))
    OR (app_kind() = 'staff' AND witness_id = app_user() AND consent_is_involved(record_id)));
CREATE POLICY consent_change ON consent_consent FOR UPDATE TO PUBLIC USING (
    (app_kind() = 'citizen' AND consent_owns(record_id)) OR (app_kind() = 'machine' AND record_id = app_record())
    OR (app_kind() = 'staff' AND consent_is_involved(record_id)));

ALTER TABLE consent_consentevent ENABLE ROW LEVEL SECURITY;
CREATE POLICY consent_event_all ON consent_consentevent TO PUBLIC
    USING (consent_sees_consent(consent_id));

ALTER TABLE consent_recordgrant ENABLE ROW LEVEL SECURITY;
CREATE POLICY grant_all ON consent_recordgrant TO PUBLIC
    USING (agency_id = (SELECT app_agency()) AND app_kind() = 'staff'
           OR consent_sees_consent(consent_id));

ALTER TABLE consent_sectoridentifier ENABLE ROW LEVEL SECURITY;
CREATE POLICY pseudonym_all ON consent_sectoridentifier TO PUBLIC
    USING (agency_id = (SELECT app_agency()) OR (app_kind() = 'citizen' AND person_id = app_person()));

ALTER TABLE consent_accesslog ENABLE ROW LEVEL SECURITY;
CREATE POLICY log_read ON consent_accesslog FOR SELECT TO PUBLIC USING (
    (app_kind() = 'citizen' AND consent_owns(record_id)) OR (app_kind() = 'staff' AND agency_id = (SELECT app_agency())));
CREATE POLICY log_add ON consent_accesslog FOR INSERT TO PUBLIC WITH CHECK (true);

CREATE FUNCTION consent_sort_grants() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS
    $$ BEGIN UPDATE consent_recordgrant SET sort_at = NEW.changed_at WHERE content_object_id = NEW.id; RETURN NEW; END $$;
CREATE TRIGGER sort_grants AFTER UPDATE OF changed_at ON consent_caserecord
    FOR EACH ROW WHEN (OLD.changed_at IS DISTINCT FROM NEW.changed_at) EXECUTE FUNCTION consent_sort_grants();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE FUNCTION consent_is_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF (to_jsonb(OLD) - 'state') IS DISTINCT FROM (to_jsonb(NEW) - 'state') THEN
            RAISE EXCEPTION 'a consent is immutable' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON consent_consent FOR EACH ROW EXECUTE FUNCTION consent_is_frozen();
CREATE FUNCTION activity_is_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF OLD.state <> 'draft' AND (to_jsonb(OLD) - '{{state,ends_on}}'::text[]) IS DISTINCT FROM (to_jsonb(NEW) - '{{state,ends_on}}'::text[]) THEN
            RAISE EXCEPTION 'a published activity is immutable' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON consent_processingactivity FOR EACH ROW EXECUTE FUNCTION activity_is_frozen();
"""

FORWARD = POLICIES + "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
"""
    for table in OF_RECORD
) + "".join(
    f"CREATE POLICY record_all ON {table} TO PUBLIC USING (NOT app_caseload() AND {RECORD});\n" for table in OF_RECORD
) + "".join(
    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();\n"
    for table in APPEND_ONLY
)


class Migration(migrations.Migration):
    """Not reversible: taking the wall down is not a step back but a breach."""

    dependencies = [("consent", "0001_initial"), ("portal", "0002_acting_person")]
    operations = [migrations.RunSQL(FORWARD)]
