"""A draft knows which of its expiries a mail speaks of"""

import sqlalchemy as sa
from alembic import op

import app.columns

revision = "a3c1e58d7f40"
down_revision = "f07b52c8d613"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("service", sa.Column("announced_for", app.columns.UTCDateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE service SET announced_for = expires_at WHERE EXISTS "
        "(SELECT 1 FROM warning WHERE warning.service_id = service.id AND warning.expires_at = service.expires_at)"
    )


def downgrade() -> None:
    op.drop_column("service", "announced_for")
