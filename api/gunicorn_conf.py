"""How gunicorn runs the application: `gunicorn -c python:api.gunicorn_conf api.wsgi:application`."""

import gc
import shutil
import tempfile
from pathlib import Path
from typing import Any

from application.settings import read_settings

_settings = read_settings()
_memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108  # shared memory, if there is any
_own_metrics = None if _settings.metrics_dir else tempfile.mkdtemp(prefix="careledger-metrics-", dir=_memory)

bind = [f"{f'[{_settings.host}]' if ':' in _settings.host else _settings.host}:{_settings.port}"]
worker_class = "api.patient_worker.PatientWorker"
workers = _settings.web_workers
threads = _settings.web_threads
# Without it, connections that are kept alive crowd into one worker.
reuse_port = True
# Of one process, below the usual limit of open files; beyond it who has kept it waiting longest goes.
worker_connections = 400
preload_app = False
# Together with the last request of each worker, less than the ten seconds that a stop may take.
graceful_timeout = 8
timeout = 60
keepalive = 5
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
forwarded_allow_ips = "127.0.0.1,::1"
control_socket_disable = True
worker_tmp_dir = str(_memory) if _memory else None
# The application writes its own line for each request, without path and query.
accesslog = None
errorlog = "-"
loglevel = "info"
proc_name = "careledger-api"
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={_settings.metrics_dir or _own_metrics}"]


def post_worker_init(worker: Any) -> None:
    """Build the application before the first request, so that nobody waits for it."""
    from api.wsgi import application

    application.build()
    # What is built now stays: the collector is not to walk through it for each batch.
    gc.collect()
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    """Let go of the databases."""
    from api.wsgi import application

    application.close()


def child_exit(server: Any, worker: Any) -> None:
    """Keep the counts of a worker that has ended, and forget what only holds of live ones."""
    # Not at the top: the library decides on import whether counts are shared, before `raw_env` is set.
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(  # type: ignore[no-untyped-call]  # the library declares no types here
        worker.pid, path=str(_settings.metrics_dir or _own_metrics)
    )


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if _own_metrics:
        shutil.rmtree(_own_metrics, ignore_errors=True)
