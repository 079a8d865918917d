"""An entry of the ledger may say what lies below its key"""

import sqlalchemy as sa
from alembic import op

revision = "d86f2a1c9e47"
down_revision = "e5a90c3b71d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("keys", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("ledger", "keys")
