"""Which draft a guest wanted to publish, so that an account leads back to it"""

import sqlalchemy as sa
from alembic import op

revision = "c41f7d09be35"
down_revision = "5e0c9a7b42d1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provider", sa.Column("publishing_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("provider", "publishing_id")
