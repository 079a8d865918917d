"""`python -m bench.quick_store PORT MS`: a store that says yes to every deletion after so many milliseconds, and keeps nothing.

It stands for a store on another machine, whose answer takes its time and costs this machine nothing.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELETED = b'<?xml version="1.0" encoding="UTF-8"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></DeleteResult>'
EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated></ListBucketResult>'


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _say(self, status: int, body: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(float(sys.argv[2]) / 1000)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._say(200, DELETED)

    def do_DELETE(self) -> None:
        self._say(204, b"")

    def do_GET(self) -> None:
        self._say(200, EMPTY)

    def log_message(self, format: str, *values: object) -> None:
        """Nobody reads it."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
