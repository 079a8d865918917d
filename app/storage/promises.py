"""Every promise of a store that Shingle builds on, in the order in which they are tried."""

from collections.abc import Mapping

from app.storage import checks, checks_reach
from app.storage.check import Check

CHECKS: Mapping[str, Check] = {
    "objects can be written, read and deleted": checks.usable,
    "the clocks agree": checks_reach.clocks,
    "objects are listed in the order of their keys": checks.listing,
    "a signed PUT is taken": checks.signed_put,
    "another length is refused": checks.other_length,
    "another type is refused": checks.other_type,
    "other bytes than the announced SHA-256 are refused": checks.other_bytes,
    "nothing is overwritten": checks.overwriting,
    "an expired URL is refused": checks.expiry,
    "an upload in parts is put together, once": checks.parts,
    "an upload in parts can be aborted": checks.aborting,
    "only what was verified is copied": checks.copying,
    "incoming/ is private": checks_reach.privacy,
    "media/ is public where MEDIA_BASE_URL says so": checks_reach.publicity,
    "pages may upload (CORS)": checks_reach.preflight,
    "pages may read the ETag (CORS)": checks_reach.exposed,
}
