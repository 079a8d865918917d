"""A duplicated service has copies of the first one's files"""

import sqlalchemy as sa
from alembic import op

revision = "b2d94e17c05a"
down_revision = "7c1f0a92d4be"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("media", sa.Column("copy_of", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("media", "copy_of")
