-- Public keys of the servers on this database, so that what one signs counts at the others.
create table server_key (
    key_id      text primary key check (key_id ~ '^[0-9a-f]{16}$'),
    public_key  bytea       not null check (octet_length(public_key) between 64 and 256),
    recorded_at timestamptz not null
);
