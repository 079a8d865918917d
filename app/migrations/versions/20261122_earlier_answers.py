"""What steps said before"""

import sqlalchemy as sa
from alembic import op

import app.columns

revision = "b85d40e7a1c6"
down_revision = "a3c1e58d7f40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = app.columns.UTCDateTime(timezone=True)
    op.create_table(
        "earlier_answer",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("typed", app.columns.Document(), nullable=False),
        sa.Column("saved_at", moment, nullable=True),
        sa.Column("kept_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_earlier_answer_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "step", "slot", name=op.f("pk_earlier_answer")),
    )
    op.create_index(op.f("ix_earlier_answer_kept_at"), "earlier_answer", ["kept_at"])


def downgrade() -> None:
    op.drop_table("earlier_answer")
