FROM python:3.12-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/careledger
WORKDIR /src
COPY requirements/runtime.txt requirements/runtime.txt
RUN /opt/careledger/bin/python -m pip install --require-hashes --only-binary :all: -r requirements/runtime.txt
COPY LICENSE README.md CHANGELOG.md pyproject.toml ./
COPY docs docs
COPY domain domain
COPY application application
COPY projections projections
COPY reports reports
COPY api api
COPY workers workers
COPY cli cli
# setuptools is in the pinned set, so nothing more is fetched.
RUN /opt/careledger/bin/python -m pip install --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim-trixie
# `careledger backup` and `restore` use PostgreSQL's own programs; they must not be older than the server.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin careledger \
    && install --directory --owner=10001 --group=10001 --mode=0700 /backups
COPY --from=build /opt/careledger /opt/careledger
ENV PATH=/opt/careledger/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/careledger
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["careledger"]
# docker-compose.yml names the subcommand of each service.
CMD ["--help"]
