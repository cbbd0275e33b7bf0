"""Row-level security on drafts. A draft belongs to who holds it: a session (it names the draft in `app.draft` for one
transaction), an account, or, once sent, the person of the record. A machine sees only what is past its day, to delete it.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION app_draft() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('app.draft', true), '')::uuid $$;

-- Coming back: the one look at drafts that nobody holds yet. Gives an id for a code, and only with the right date of birth.
CREATE FUNCTION intake_come_back(code text, birth text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS
    $$ SELECT s.id FROM intake_submission s
        WHERE s.code_digest = code AND (s.birth_digest = '' OR s.birth_digest = birth)
          AND (s.state = 'submitted' OR (s.state = 'draft' AND s.expires_at > now())) $$;

ALTER TABLE intake_submission ENABLE ROW LEVEL SECURITY;
CREATE POLICY submission_read ON intake_submission FOR SELECT TO PUBLIC USING (
    id = app_draft()
    OR (app_kind() = 'citizen' AND user_id = app_user())
    OR (app_kind() = 'citizen' AND person_id = app_person())
    OR (app_kind() = 'machine' AND state <> 'submitted' AND expires_at < now()));
CREATE POLICY submission_start ON intake_submission FOR INSERT TO PUBLIC WITH CHECK (id = app_draft());
CREATE POLICY submission_change ON intake_submission FOR UPDATE TO PUBLIC USING (id = app_draft());
CREATE POLICY submission_delete ON intake_submission FOR DELETE TO PUBLIC USING (
    (id = app_draft() AND state = 'draft')
    OR (app_kind() = 'machine' AND state <> 'submitted' AND expires_at < now()));

ALTER TABLE intake_countersession ENABLE ROW LEVEL SECURITY;
CREATE POLICY counter_read ON intake_countersession FOR SELECT TO PUBLIC
    USING (app_kind() = 'staff' AND agency_id = app_agency());
CREATE POLICY counter_begin ON intake_countersession FOR INSERT TO PUBLIC
    WITH CHECK (app_kind() = 'staff' AND agency_id = app_agency() AND user_id = app_user());
CREATE POLICY counter_end ON intake_countersession FOR UPDATE TO PUBLIC
    USING (app_kind() = 'staff' AND agency_id = app_agency() AND user_id = app_user());

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON intake_formrevision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    """Not reversible: taking the wall down is not a step back but a breach."""

    dependencies = [("intake", "0001_initial"), ("consent", "0002_walls"), ("portal", "0002_acting_person")]
    operations = [migrations.RunSQL(FORWARD)]
