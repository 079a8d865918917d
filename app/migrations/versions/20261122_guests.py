"""Somebody who tries Shingle without an account"""

import sqlalchemy as sa
from alembic import op

import app.columns

revision = "9d17c3f5b260"
down_revision = "b85d40e7a1c6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provider", sa.Column("guest_since", app.columns.UTCDateTime(timezone=True), nullable=True))
    op.add_column("provider", sa.Column("claimant_id", sa.Uuid(), nullable=True))
    op.add_column("provider", sa.Column("offered_to", sa.String(length=64), nullable=True))
    for name, column in (("ix_provider_guest", "guest_since"), ("ix_provider_claimant", "claimant_id")):
        some = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "provider", [column], postgresql_where=some, sqlite_where=some)


def downgrade() -> None:
    op.drop_index("ix_provider_claimant", "provider")
    op.drop_index("ix_provider_guest", "provider")
    for column in ("offered_to", "claimant_id", "guest_since"):
        op.drop_column("provider", column)
