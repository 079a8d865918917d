"""Files are looked at by turns: when it was begun, and which guests count as one"""

import sqlalchemy as sa
from alembic import op

import app.columns

revision = "6f0d2b9c85e1"
down_revision = "4b8e1d6fa273"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("media", sa.Column("began_at", app.columns.UTCDateTime(timezone=True), nullable=True))
    op.add_column("provider", sa.Column("network", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("provider", "network")
    op.drop_column("media", "began_at")
