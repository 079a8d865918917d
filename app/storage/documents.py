"""The settings that a bucket needs, in the form that `aws s3api` and the consoles of other stores take."""

from typing import Any
from urllib.parse import urlsplit

from app.config import Settings

ABORT_AFTER = 7  # days: longer than any upload can be resumed; shorter than forgotten parts are worth paying for

UPLOAD_HEADERS = ["content-type", "if-none-match", "x-amz-checksum-sha256"]  # that a browser sends with a file


def origin(settings: Settings) -> str:
    """This site, as browsers name it to the store."""
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def cors(settings: Settings) -> dict[str, Any]:
    """`aws s3api put-bucket-cors --cors-configuration`: pages of this site may PUT, and read the ETag."""
    rule = {
        "AllowedOrigins": [origin(settings)],
        "AllowedMethods": ["PUT"],
        "AllowedHeaders": UPLOAD_HEADERS,
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }
    return {"CORSRules": [rule]}


def lifecycle() -> dict[str, Any]:
    """`aws s3api put-bucket-lifecycle-configuration`: parts that everybody forgot. Nothing here deletes an object: that is for the ledger."""
    rule = {
        "ID": "abort-forgotten-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_AFTER},
    }
    return {"Rules": [rule]}
