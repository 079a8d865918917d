"""A witness inside the database: triggers that write down every deletion, purge and recorded warning in the transaction that does it.

It knows the promise of a warning alone, and nothing of the product's own statements; a transaction that is rolled back leaves no trace.
"""

from app.extensions import db

SCRIPT = """
CREATE TABLE IF NOT EXISTS witness (
    id bigserial PRIMARY KEY, what text NOT NULL, service_id uuid NOT NULL, deleted_at timestamptz, deleted_by text, purge_at timestamptz,
    expires_at timestamptz, has_content boolean, is_reachable boolean, status text, message_id text, sent_at timestamptz
);
CREATE OR REPLACE FUNCTION witness_service() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO witness (what, service_id, deleted_at, deleted_by, purge_at, expires_at, has_content, status)
        VALUES ('purged', OLD.id, OLD.deleted_at, OLD.deleted_by, OLD.purge_at, OLD.expires_at, OLD.has_content, OLD.status);
    ELSIF OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN
        SELECT message_id, sent_at INTO said FROM warning
        WHERE service_id = NEW.id AND expires_at = OLD.expires_at AND sent_at IS NOT NULL ORDER BY sent_at LIMIT 1;
        INSERT INTO witness (what, service_id, deleted_at, deleted_by, purge_at, expires_at, has_content, is_reachable, status, message_id, sent_at)
        SELECT 'deleted', NEW.id, NEW.deleted_at, NEW.deleted_by, NEW.purge_at, OLD.expires_at, OLD.has_content,
            confirmed_at IS NOT NULL AND reminders_stopped_at IS NULL AND undeliverable_at IS NULL, OLD.status, said.message_id, said.sent_at
        FROM provider WHERE id = NEW.provider_id;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION witness_warning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL THEN
        INSERT INTO witness (what, service_id, expires_at, message_id, sent_at)
        VALUES ('warned', NEW.service_id, NEW.expires_at, NEW.message_id, NEW.sent_at);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER witness AFTER UPDATE OR DELETE ON service FOR EACH ROW EXECUTE FUNCTION witness_service();
CREATE OR REPLACE TRIGGER witness AFTER UPDATE ON warning FOR EACH ROW EXECUTE FUNCTION witness_warning();
"""


def install() -> None:
    connection = db.engine.raw_connection()
    try:
        connection.cursor().execute(SCRIPT)
        connection.commit()
    finally:
        connection.close()
