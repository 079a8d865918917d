"""Nothing is put into an index that nobody looks for there: each costs a sweep a little for every draft"""

import sqlalchemy as sa
from alembic import op

revision = "4b8e1d6fa273"
down_revision = "c41f7d09be35"
branch_labels = None
depends_on = None

TYPE, KEYS = sa.text("service_type_id IS NOT NULL"), sa.text("keys IS NULL")


def upgrade() -> None:
    op.drop_index("ix_event_happened", "event")
    op.drop_index("ix_ledger_key", "ledger")
    op.create_index("ix_ledger_key", "ledger", ["key"], postgresql_where=KEYS, sqlite_where=KEYS)
    op.drop_index("ix_service_service_type_id", "service")
    op.create_index("ix_service_service_type_id", "service", ["service_type_id"], postgresql_where=TYPE, sqlite_where=TYPE)


def downgrade() -> None:
    op.drop_index("ix_service_service_type_id", "service")
    op.create_index("ix_service_service_type_id", "service", ["service_type_id"])
    op.drop_index("ix_ledger_key", "ledger")
    op.create_index("ix_ledger_key", "ledger", ["key"])
    op.create_index("ix_event_happened", "event", ["happened_at"])
