"""A mail that is owed after a deletion, and what a sent warning promised"""

import sqlalchemy as sa
from alembic import op

import app.columns

revision = "e5a90c3b71d2"
down_revision = "c41d7be0935f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = app.columns.UTCDateTime(timezone=True)
    op.create_table(
        "farewell",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("deleted_at", moment, nullable=False),
        sa.Column("claimed_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_farewell_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farewell")),
    )
    op.create_index(op.f("ix_farewell_provider_id"), "farewell", ["provider_id"])
    op.create_index(op.f("ix_farewell_deleted_at"), "farewell", ["deleted_at"])
    op.add_column("warning", sa.Column("notice_ends_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("warning", "notice_ends_at")
    op.drop_table("farewell")
