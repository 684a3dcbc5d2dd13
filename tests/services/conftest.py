"""A city as an operator runs it: PostgreSQL, Redis, gunicorn, a Celery worker, all real."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
import redis
from django.conf import settings

POSTGRES = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
BROKER = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
_PATIENCE = 60


def wait_for(what: str, ready, patience: float = _PATIENCE) -> None:
    """Poll until `ready()`; a service that never comes fails the test, it does not skip it."""
    until = time.monotonic() + patience
    while not ready():
        if time.monotonic() > until:
            pytest.fail(f"{what} did not come up in {patience:.0f} s")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class RunningCity:
    """The processes of one city and how to talk to them."""

    env: dict[str, str]
    folder: Path
    base: str
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env=self.env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def start_worker(self) -> None:
        self.start("worker", "celery", "-A", "property_oversight", "worker", "--concurrency", "2",
                   "--loglevel", "INFO", "--without-gossip", "--without-mingle")  # fmt: skip

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, sql: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.env["DATABASE_URL"]) as connection:
            return connection.execute(sql, values).fetchall()

    def password(self) -> str:
        return (self.folder / "demo-password").read_text()


@pytest.fixture(scope="session")
def running_city(tmp_path_factory, worker_id: str) -> Iterator[RunningCity]:
    """The demo city on PostgreSQL behind gunicorn, with a worker on Redis."""
    folder = tmp_path_factory.mktemp("city")
    name = f"oversight_city_{worker_id}_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    # A Redis database of its own for each test process, far from the operator's.
    number = 8 if worker_id == "main" else 9 + int(worker_id.removeprefix("gw"))
    broker = f"{BROKER.rsplit('/', 1)[0]}/{number}"
    redis.Redis.from_url(broker).flushdb()
    port = _free_port()
    env = os.environ | {
        "DATABASE_URL": f"{POSTGRES.rsplit('/', 1)[0]}/{name}",
        "CELERY_BROKER_URL": broker,
        "SECRET_KEY": "for-tests-only-" + "x" * 40,
        "VAR_DIR": str(folder),
        "MODEL_DIR": str(folder / "model"),
        "FILE_THROTTLE": "100000/hour",
        "DJANGO_SETTINGS_MODULE": "property_oversight.settings",
    }
    city = RunningCity(env, folder, f"http://127.0.0.1:{port}")
    try:
        city.manage("migrate", "--verbosity", "0")
        city.manage("demo", "--anyway")
        city.start("web", "gunicorn", "property_oversight.wsgi", "--bind", f"127.0.0.1:{port}",
                   "--worker-class", "gthread", "--workers", "2", "--threads", "8")  # fmt: skip
        city.start_worker()
        wait_for("gunicorn", lambda: _answers(f"{city.base}/readyz"))
        yield city
    finally:
        for process in list(city.processes):
            city.kill(process)
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def worker_id(request) -> str:
    """Which of the parallel test processes this is; "main" where there is one."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")
