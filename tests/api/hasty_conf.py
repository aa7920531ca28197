"""The configuration of the service, with less patience: `gunicorn -c python:tests.api.hasty_conf`."""

from api import patience

patience.HEAD_SECONDS = 1.0
patience.WHOLE_SECONDS = 1.0
patience.BYTES_A_SECOND = 2**20
patience.STALLED_SECONDS = 1.0
patience.SLOWEST_BYTES_A_SECOND = 200

from api.gunicorn_conf import *  # noqa: E402, F403  after the patience is gone
