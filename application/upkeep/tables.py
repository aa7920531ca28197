"""The tables of the write side beside the events: written in the transaction of the events."""

DDL = (
    """
    CREATE TABLE child_status (
        child_id uuid PRIMARY KEY,
        version bigint NOT NULL,
        org text NOT NULL,
        enrolled_on date,
        care_ends_on date,
        last_contact_on date,
        silent_since date,
        anchor uuid
    )
    """,
    "CREATE INDEX child_status_org ON child_status (org)",
    """
    CREATE TABLE lookup (
        kind text NOT NULL,
        digest bytea NOT NULL,
        stream_id uuid NOT NULL,
        PRIMARY KEY (kind, digest, stream_id)
    )
    """,
    """
    CREATE TABLE claim (
        kind text NOT NULL,
        digest bytea NOT NULL,
        stream_id uuid NOT NULL,
        PRIMARY KEY (kind, digest)
    )
    """,
    """
    CREATE TABLE org_unit (
        path text PRIMARY KEY,
        stream_id uuid NOT NULL
    )
    """,
    """
    CREATE TABLE carer_status (
        carer_id uuid PRIMARY KEY,
        org text NOT NULL
    )
    """,
    """
    CREATE TABLE alert_status (
        alert_id uuid PRIMARY KEY,
        org text NOT NULL,
        child_id uuid NOT NULL,
        anchor uuid NOT NULL,
        silent_since date NOT NULL,
        step text NOT NULL,
        open boolean NOT NULL,
        raised_at timestamptz NOT NULL,
        acknowledged boolean NOT NULL,
        snoozed_until date
    )
    """,
    "CREATE INDEX alert_status_child ON alert_status (child_id)",
    "CREATE INDEX alert_status_org ON alert_status (org, open)",
    "CREATE INDEX alert_status_open ON alert_status (open, step)",
    """
    CREATE TABLE quarantine (
        item_id uuid PRIMARY KEY,
        org text NOT NULL,
        received_at timestamptz NOT NULL,
        actor text NOT NULL,
        event_id uuid NOT NULL,
        code text NOT NULL,
        pointer text NOT NULL,
        sealed bytea NOT NULL,
        state text NOT NULL,
        settled_at timestamptz,
        settled_by text,
        settled_reason text
    )
    """,
    "CREATE INDEX quarantine_state ON quarantine (state, received_at)",
    """
    CREATE TABLE api_key (
        key_id text PRIMARY KEY,
        digest bytea NOT NULL,
        name text NOT NULL,
        role text NOT NULL,
        org text NOT NULL,
        types jsonb,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    """
    CREATE TABLE import_run (
        import_id uuid PRIMARY KEY,
        kind text NOT NULL,
        org text NOT NULL,
        file_sha256 text NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        undone_at timestamptz
    )
    """,
    """
    CREATE TABLE batch (
        batch_id uuid PRIMARY KEY,
        org text NOT NULL,
        actor text NOT NULL,
        upload uuid NOT NULL,
        state text NOT NULL,
        lines bigint NOT NULL,
        begun_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL,
        ended_at timestamptz
    )
    """,
    "CREATE INDEX batch_seen ON batch (seen_at)",
    """
    CREATE TABLE batch_line (
        upload uuid NOT NULL,
        line bigint NOT NULL,
        status bigint NOT NULL,
        state text NOT NULL,
        event_id uuid,
        child_id uuid,
        position bigint,
        version bigint,
        late_days bigint,
        item_id uuid,
        faults jsonb,
        PRIMARY KEY (upload, line)
    )
    """,
    "CREATE INDEX batch_line_state ON batch_line (upload, state, line)",
    """
    CREATE TABLE activity_status (
        activity_id uuid PRIMARY KEY,
        version bigint NOT NULL,
        org text NOT NULL,
        kind text NOT NULL,
        occurred_on date NOT NULL,
        occurred_at timestamptz NOT NULL,
        participants bigint NOT NULL,
        void boolean NOT NULL
    )
    """,
    "CREATE INDEX activity_status_org ON activity_status (org, occurred_at)",
    """
    CREATE TABLE participation (
        activity_id uuid NOT NULL,
        number bigint NOT NULL,
        version bigint NOT NULL,
        state text NOT NULL,
        code text,
        tries bigint NOT NULL,
        not_before timestamptz,
        PRIMARY KEY (activity_id, number)
    )
    """,
    "CREATE INDEX participation_due ON participation (not_before)",
    "ALTER TABLE child_status ADD COLUMN transfer uuid",
    "ALTER TABLE child_status ADD COLUMN transfer_to text",
    "ALTER TABLE child_status ADD COLUMN transfer_since date",
    "CREATE INDEX quarantine_event ON quarantine (event_id)",
    "ALTER TABLE participation ADD COLUMN settled_at timestamptz",
    "ALTER TABLE participation ADD COLUMN settled_by text",
    "ALTER TABLE participation ADD COLUMN settled_reason text",
    # Words by their normal form. A number is `borne` by whoever has it now; of others it was once.
    """
    CREATE TABLE found_word (
        kind text NOT NULL,
        digest bytea NOT NULL,
        stream_id uuid NOT NULL,
        borne boolean NOT NULL,
        PRIMARY KEY (kind, digest, stream_id)
    )
    """,
    """
    CREATE TABLE number_claim (
        kind text NOT NULL,
        county text NOT NULL,
        digest bytea NOT NULL,
        stream_id uuid NOT NULL,
        PRIMARY KEY (kind, county, digest)
    )
    """,
    # The first spelling of a path that has this normal form; every other is read as that one.
    "CREATE TABLE org_spelling (normal text PRIMARY KEY, path text NOT NULL)",
    "ALTER TABLE batch ADD COLUMN principal uuid",
    """
    CREATE TABLE clash_settled (
        clash_id uuid PRIMARY KEY,
        verdict text NOT NULL,
        settled_at timestamptz NOT NULL,
        settled_by text NOT NULL
    )
    """,
    """
    CREATE TABLE failed_claim (
        actor text NOT NULL,
        hour timestamptz NOT NULL,
        failed bigint NOT NULL,
        PRIMARY KEY (actor, hour)
    )
    """,
    # Who sent what waits; none of it is known of what version 0.1 put aside.
    "ALTER TABLE quarantine ADD COLUMN principal uuid",
    "ALTER TABLE quarantine ADD COLUMN key text",
    "ALTER TABLE quarantine ADD COLUMN role text",
    "ALTER TABLE quarantine ADD COLUMN channel text",
    """
    CREATE TABLE stream (
        stream_id uuid PRIMARY KEY,
        kind text NOT NULL,
        org text NOT NULL,
        version bigint NOT NULL,
        opened_on date
    )
    """,
    "CREATE INDEX stream_org ON stream (kind, org, stream_id)",
    "ALTER TABLE batch_line ADD COLUMN stream_kind text",
    # A paper is a batch under the id of its import: its file is known by its digest (ADR 43).
    "ALTER TABLE batch ADD COLUMN source text",
    "ALTER TABLE batch ADD COLUMN file_sha256 text",
    "ALTER TABLE batch ADD COLUMN undone_at timestamptz",
    "ALTER TABLE batch ADD COLUMN lines_gone_at timestamptz",
    "ALTER TABLE batch_line ADD COLUMN sheet bigint",
    "ALTER TABLE batch_line ADD COLUMN sheet_row bigint",
    "CREATE INDEX batch_paper ON batch (begun_at) WHERE file_sha256 IS NOT NULL",
    "CREATE INDEX batch_to_forget ON batch (seen_at) WHERE lines_gone_at IS NULL",
    # By which a child is found, and which no two children share (ADR 46).
    "ALTER TABLE child_status ADD COLUMN case_no text",
    "CREATE UNIQUE INDEX child_status_case_no ON child_status (case_no)",
    # A paper that came over HTTP, sealed under a key of its own; how it stands says its batch (ADR 49).
    """
    CREATE TABLE paper (
        import_id uuid PRIMARY KEY,
        kind text NOT NULL,
        org text NOT NULL,
        enrolled_on text,
        changed_on text,
        mapped jsonb NOT NULL,
        version bigint NOT NULL,
        committed bigint,
        tries bigint NOT NULL,
        sent_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        claimed_until timestamptz,
        actor text NOT NULL,
        role text NOT NULL,
        scope text NOT NULL,
        channel text NOT NULL,
        principal uuid,
        api_key text,
        sealed bytea NOT NULL,
        outcome bytea
    )
    """,
    "CREATE INDEX paper_expires ON paper (expires_at)",
    # The village of a child that belongs to a school as well.
    "ALTER TABLE child_status ADD COLUMN village text",
    "CREATE INDEX child_status_village ON child_status (village)",
    # Which streams name a child, or named it once.
    """
    CREATE TABLE stream_child (
        child_id uuid NOT NULL,
        stream_id uuid NOT NULL,
        kind text NOT NULL,
        PRIMARY KEY (child_id, stream_id)
    )
    """,
    "CREATE INDEX stream_child_stream ON stream_child (stream_id)",
    # What the headings of a school's papers were said to mean.
    """
    CREATE TABLE column_map (
        org text NOT NULL,
        kind text NOT NULL,
        heading text NOT NULL,
        column_name text NOT NULL,
        said_at timestamptz NOT NULL,
        PRIMARY KEY (org, kind, heading)
    )
    """,
    # The imports of version 0.1, which kept nothing of their lines. Their own table stays as it is.
    """
    INSERT INTO batch (batch_id, org, actor, upload, state, lines, begun_at, seen_at, ended_at,
        source, file_sha256, undone_at, lines_gone_at)
    SELECT import_id, org, '', import_id, CASE WHEN finished_at IS NULL THEN 'cut' ELSE 'complete' END, 0,
        started_at, COALESCE(finished_at, started_at), finished_at, kind, file_sha256, undone_at, started_at
    FROM import_run WHERE import_id IS NOT NULL
    ON CONFLICT (batch_id) DO NOTHING
    """,
    # What somebody said who was asked about a line of a paper, by the file.
    """
    CREATE TABLE paper_answer (
        kind text NOT NULL,
        org text NOT NULL,
        file_sha256 text NOT NULL,
        line bigint NOT NULL,
        column_name text NOT NULL,
        child_id uuid,
        word text,
        said_by text NOT NULL,
        said_at timestamptz NOT NULL,
        PRIMARY KEY (kind, org, file_sha256, line, column_name)
    )
    """,
    "CREATE INDEX paper_answer_child ON paper_answer (child_id) WHERE child_id IS NOT NULL",
    # What an alert is about; those from before there were others are of silence.
    "ALTER TABLE alert_status ADD COLUMN kind text NOT NULL DEFAULT 'uncontacted'",
    # What a list says otherwise and somebody has settled that the ledger keeps.
    """
    CREATE TABLE difference_kept (
        org text NOT NULL,
        mark bytea NOT NULL,
        said_by text NOT NULL,
        said_at timestamptz NOT NULL,
        PRIMARY KEY (org, mark)
    )
    """,
    # Entries that may tell of the same as that of a line.
    "ALTER TABLE batch_line ADD COLUMN repeats jsonb",
)
