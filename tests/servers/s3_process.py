"""`python s3_process.py FOLDER PORT ORIGIN [CERTIFICATE]`: OpenStack Swift with its S3 interface, whole, in one process on this machine.

Unlike most stand-ins it checks what a real store checks: SigV4 in headers and in presigned URLs with every signed header, the length and
SHA-256 of bodies, the clock, If-None-Match, and the 5 MiB minimum of a multipart part. Like R2 it refuses any other checksum. Pages of ORIGIN
(`*`: all) are let in by CORS. With a CERTIFICATE (a PEM file with its key) it speaks https. FOLDER needs a file system with extended attributes.
Access key and secret are those of `USER` below.
"""

import sys
import types

import eventlet

eventlet.monkey_patch()

import logging  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

try:
    import pyeclib.ec_iface  # noqa: F401
except ImportError:
    # Swift imports it for erasure-coded policies, which are not used here; it has no wheels for macOS.
    stand_in = types.ModuleType("pyeclib.ec_iface")
    vars(stand_in).update(ECDriver=None, ECDriverError=Exception, VALID_EC_TYPES=[])
    sys.modules |= {"pyeclib": types.ModuleType("pyeclib"), "pyeclib.ec_iface": stand_in}

from eventlet import wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.utils import set_swift_dir  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

USER = ("shingle:tests", "shingle-tests-secret")
REGION = "us-east-1"
BACKENDS = ("account", "container", "object")

# The proxy's filters from the outside in, by Swift's names for them, with their options.
FILTERS: dict[str, dict[str, object]] = {
    "catch_errors": {},
    "gatekeeper": {},
    "memcache": {"memcache_servers": "127.0.0.1:9", "error_suppression_interval": 86400},
    "listing_formats": {},
    "bulk": {},
    "s3api": {
        "location": REGION,
        "s3_acl": "true",
        "check_bucket_owner": "false",
        "min_segment_size": 5 * 2**20,
        "max_upload_part_num": 10_000,
    },
    "tempauth": {f"user_{USER[0].replace(':', '_')}": f"{USER[1]} .admin .reseller_admin"},
    # Before `slo`, or a copy of what came in parts would be a copy of the list of its parts.
    "copy": {},
    "slo": {},
    "dlo": {},
    "versioned_writes": {},
}


class Store:
    """The files of one Swift below a folder."""

    def __init__(self, folder: Path) -> None:
        self.etc = folder / "etc"
        self.devices = folder / "devices"
        self.etc.mkdir(parents=True)
        (self.devices / "disk").mkdir(parents=True)
        self._write("swift.conf", "[swift-hash]\nswift_hash_path_suffix = tests\n")
        set_swift_dir(str(self.etc))

    def describe_backend(self, name: str, port: int) -> str:
        """Put one backend server on the only device of its ring, and write its configuration; returns that file's path."""
        place = {"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "disk", "weight": 1, "meta": ""}
        builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
        builder.add_dev(place | {"replication_ip": place["ip"], "replication_port": port})
        builder.rebalance()
        builder.get_ring().save(str(self.etc / f"{name}.ring.gz"))
        recon = self.devices.parent / "recon"
        recon.mkdir(exist_ok=True)
        return self._write(
            f"{name}.conf",
            f"{self._defaults()}devices = {self.devices}\nmount_check = false\nfallocate_reserve = 0\n"
            f"[pipeline:main]\npipeline = {name}\n[app:{name}]\nuse = egg:swift#{name}\nrecon_cache_path = {recon}\n",
        )

    def describe_proxy(self, origin: str) -> str:
        """Write the configuration of the part that callers meet; returns that file's path."""
        s3api = FILTERS["s3api"] | {"cors_preflight_allow_origin": origin}
        return self._write(
            "proxy.conf",
            f"{self._defaults()}cors_allow_origin = {origin}\n"
            f"[pipeline:main]\npipeline = {' '.join(FILTERS)} proxy-server\n"
            "[app:proxy-server]\nuse = egg:swift#proxy\nallow_account_management = true\naccount_autocreate = true\n"
            + "".join(_filter(name, options) for name, options in (FILTERS | {"s3api": s3api}).items()),
        )

    def _defaults(self) -> str:
        return f"[DEFAULT]\nswift_dir = {self.etc}\nlog_level = ERROR\n"

    def _write(self, name: str, text: str) -> str:
        (self.etc / name).write_text(text)
        return str(self.etc / name)


def _filter(name: str, options: dict[str, object]) -> str:
    lines = "".join(f"{key} = {value}\n" for key, value in options.items())
    return f"[filter:{name}]\nuse = egg:swift#{name}\n{lines}"


def refuse_checksums(store: Any) -> Any:
    """As R2 does, and Swift does not: no checksum but SHA-256, and none behind the bytes. Deleting many keys is excepted, which must have one."""

    def answer(environ: dict[str, Any], start: Any) -> Any:
        others = {name for name in environ if name.startswith("HTTP_X_AMZ_CHECKSUM_")} - {"HTTP_X_AMZ_CHECKSUM_SHA256"}
        others |= {"HTTP_X_AMZ_TRAILER", "HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"} & environ.keys()
        is_chunked = "aws-chunked" in environ.get("HTTP_CONTENT_ENCODING", "")
        if (others or is_chunked) and environ.get("QUERY_STRING") != "delete":
            start("501 Not Implemented", [("Content-Type", "application/xml")])
            return [b"<Error><Code>NotImplemented</Code><Message>This checksum is not implemented.</Message></Error>"]
        return store(environ, start)

    return answer


def serve(listener: object, configuration: str, around: Any = lambda store: store) -> None:
    quiet = logging.getLogger("s3")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    wsgi.server(listener, around(loadapp(configuration, global_conf={"log_name": "s3"})), quiet)


def main(folder: str, port: str, origin: str, certificate: str = "") -> None:
    store = Store(Path(folder))
    for name in BACKENDS:
        listener = eventlet.listen(("127.0.0.1", 0))
        eventlet.spawn(serve, listener, store.describe_backend(name, listener.getsockname()[1]))
    listener = eventlet.listen(("127.0.0.1", int(port)))
    if certificate:
        listener = eventlet.wrap_ssl(listener, certfile=certificate, server_side=True)
    serve(listener, store.describe_proxy(origin), refuse_checksums)


if __name__ == "__main__":
    main(*sys.argv[1:])
