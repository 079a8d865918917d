"""Events go when they are old"""

from alembic import op

revision = "f07b52c8d613"
down_revision = "d86f2a1c9e47"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_event_happened", "event", ["happened_at"])


def downgrade() -> None:
    op.drop_index("ix_event_happened", "event")
