"""Uploads in parts, and what verification learns of videos, PDFs and animations"""

import sqlalchemy as sa
from alembic import op

revision = "7c1f0a92d4be"
down_revision = "3585131505e8"
branch_labels = None
depends_on = None

COLUMNS = {
    "upload_id": sa.Text(),
    "part_bytes": sa.Integer(),
    "fingerprint": sa.String(length=80),
    "pages": sa.Integer(),
    "seconds": sa.Integer(),
    "frames": sa.Integer(),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("media", sa.Column(name, kind, nullable=True))
    op.create_index("ix_ledger_key", "ledger", ["key"])


def downgrade() -> None:
    op.drop_index("ix_ledger_key", "ledger")
    for name in reversed(COLUMNS):
        op.drop_column("media", name)
