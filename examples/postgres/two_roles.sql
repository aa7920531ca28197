-- Two roles for one database of CareLedger: the owner makes and changes tables, the service works with their rows.
--
-- Run it by an administrator (a superuser, or who may create roles and owns what lies there) in the database of the
-- events, and in that of the keys; again as often as you like, say to set other passwords. `careledger migrate` then
-- grants the service what it needs. The passwords come by the environment, not by an argument that everybody can read:
--
--   PGOPTIONS="-c careledger.owner_password=… -c careledger.service_password=…" \
--     psql -v ON_ERROR_STOP=1 -f two_roles.sql "$ADMINISTRATOR_URL"
--
-- 为同一数据库建立两个角色：所有者建表改表，服务只读写行。事件库与密钥库各由管理员运行一次，可重复运行。
DO $$
DECLARE
    owner_name text := COALESCE(NULLIF(current_setting('careledger.owner', true), ''), 'careledger_owner');
    service_name text := COALESCE(NULLIF(current_setting('careledger.service', true), ''), 'careledger_service');
    schema_name text := current_schema();
    thing record;
BEGIN
    FOR thing IN
        SELECT owner_name AS name, current_setting('careledger.owner_password') AS password
        UNION ALL SELECT service_name, current_setting('careledger.service_password')
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = thing.name) THEN
            EXECUTE format('CREATE ROLE %I', thing.name);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD %L',
            thing.name, thing.password);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), thing.name);
    END LOOP;
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', schema_name, service_name);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', schema_name, owner_name);
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', schema_name, owner_name);
    -- What one role has made so far goes to the owner; sequences of columns go with their tables.
    FOR thing IN
        SELECT relname AS name FROM pg_class
        WHERE relnamespace = to_regnamespace(schema_name) AND relkind IN ('r', 'p')
            AND relowner <> to_regrole(quote_ident(owner_name))
    LOOP
        EXECUTE format('ALTER TABLE %I.%I OWNER TO %I', schema_name, thing.name, owner_name);
    END LOOP;
    FOR thing IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = to_regnamespace(schema_name) AND proowner <> to_regrole(quote_ident(owner_name))
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', thing.name, owner_name);
    END LOOP;
END $$;
