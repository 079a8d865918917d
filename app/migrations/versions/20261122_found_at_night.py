"""What the nightly sweep looks for is found by an index"""

import sqlalchemy as sa
from alembic import op

revision = "5e0c9a7b42d1"
down_revision = "9d17c3f5b260"
branch_labels = None
depends_on = None

BEING_EDITED = sa.text("published_at IS NOT NULL AND answers_schema IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_service_abandoned", "service", ["edited_at"], postgresql_where=BEING_EDITED, sqlite_where=BEING_EDITED
    )
    op.create_index("ix_warning_expires", "warning", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_warning_expires", "warning")
    op.drop_index("ix_service_abandoned", "service")
