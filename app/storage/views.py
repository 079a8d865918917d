"""The addresses that the folder signs. A bucket has its own, so these exist only without one."""

from typing import cast

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.extensions import csrf
from app.storage import serving, store
from app.storage.disk import DiskStorage
from app.storage.permission import Denied, Permission
from app.storage.protocol import ChangedObject, NoRoom, StorageError

disk = Blueprint("storage", __name__, url_prefix="/storage")
csrf.exempt(disk)  # the signature in the address is the permission, and no cookie is read


def _folder() -> DiskStorage:
    return cast(DiskStorage, store())


@disk.put("/<token>")
def put(token: str) -> ResponseReturnValue:
    """Create the object or part that the address was signed for; answered as S3 answers: 403, 404, 412, or 200 with an ETag."""
    permission = _folder().signer.read(token, "PUT")
    _as_signed(permission)
    # One more than there may be: from a server that ends streams by itself, Werkzeug refuses a body that reaches the limit.
    request.max_content_length = permission.size + 1
    create = _folder().create_part if permission.part else _folder().create
    return _text(200, "", ETag=f'"{create(permission, request.stream).etag}"')  # type: ignore[arg-type]


@disk.get("/<token>")
def get(token: str) -> ResponseReturnValue:
    """Read what the address was signed for; never cached, because a draft's files are private."""
    permission = _folder().signer.read(token, "GET")
    info = _folder().head(permission.key)
    if info is None:
        return _text(404, "There is no such file.")
    return serving.respond(_folder(), info, cache="private, no-store", file_name=permission.file_name)


def _as_signed(permission: Permission) -> None:
    """The headers that were signed, as they were signed; `Denied` names the one that is not."""
    if request.content_length != permission.size:
        raise Denied("Content-Length is not the one that was signed.")
    if permission.part:
        return
    if request.content_type != permission.content_type:
        raise Denied("Content-Type is not the one that was signed.")
    if request.headers.get("If-None-Match") != "*":
        raise Denied("If-None-Match must be *.")


def _text(status: int, sentence: str, **headers: str) -> Response:
    return Response(sentence, status, headers, content_type="text/plain; charset=utf-8")


@disk.errorhandler(Denied)
def _denied(error: Denied) -> ResponseReturnValue:
    return _text(403, str(error))


@disk.errorhandler(FileExistsError)
def _taken(_error: FileExistsError) -> ResponseReturnValue:
    return _text(412, "There is a file already.")


@disk.errorhandler(ValueError)
def _other_bytes(error: ValueError) -> ResponseReturnValue:
    return _text(400, str(error))


@disk.errorhandler(NoRoom)
def _full(error: NoRoom) -> ResponseReturnValue:
    return _text(507, str(error))


@disk.errorhandler(ChangedObject)
def _over(_error: ChangedObject) -> ResponseReturnValue:
    return _text(404, "There is no such upload.")


@disk.errorhandler(StorageError)
def _failed(error: StorageError) -> ResponseReturnValue:
    return _text(503, str(error))
