"""How the sweeps fare"""

import sqlalchemy as sa
from alembic import op

import app.columns

revision = "c41d7be0935f"
down_revision = "b2d94e17c05a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = app.columns.UTCDateTime(timezone=True)
    op.create_table(
        "sweep_run",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("cron", sa.String(length=40), nullable=True),
        sa.Column("announced_at", moment, nullable=True),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("succeeded_at", moment, nullable=True),
        sa.Column("ended", sa.String(length=12), nullable=True),
        sa.Column("counts", app.columns.Document(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_run")),
    )


def downgrade() -> None:
    op.drop_table("sweep_run")
