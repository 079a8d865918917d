"""A bucket of S3, R2, MinIO or another store with that protocol. The only folder that knows boto3."""

from app.storage.s3.storage import S3Storage

__all__ = ["S3Storage"]
