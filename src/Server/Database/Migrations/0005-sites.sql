-- What is known of sites beside the ledger: their agents' keys, their leases and what they report. Renewals and reports
-- are no events; what they mean (a site suspected, lost, back) is.

create table site_lease (
    site           text primary key,
    session_number bigint,
    session_nonce  text,
    is_over        boolean     not null default false,
    opened_at      bigint      not null default 0,
    renewals       bigint      not null default 0,
    is_guarded     boolean     not null default false,
    renewed_at     timestamptz not null,
    check ((session_number is null) = (session_nonce is null))
) with (fillfactor = 10);

create table site_report (
    site           text primary key,
    session_number bigint      not null,
    session_nonce  text        not null,
    sequence       bigint      not null,
    received_at    timestamptz not null,
    body           bytea       not null
) with (fillfactor = 50);

-- The key that a site's agent enrolled with; another one takes a new join token.
create table site_agent (
    site        text primary key,
    public_key  text        not null,
    enrolled_at timestamptz not null
);

-- Join tokens by their digest; each is used once.
create table join_token (
    digest     bytea primary key check (octet_length(digest) = 32),
    site       text        not null,
    expires_at timestamptz not null
);

-- Ends the session of a site unless it was renewed since it was looked at; then the whole batch fails as a race that
-- was lost. In the transaction that records the site as lost.
create function end_site_session(which text, seen bigint) returns void language plpgsql as $$
begin
    update site_lease set is_over = true where site = which and renewals = seen;
    if not found then
        raise exception 'site % was heard meanwhile', which using errcode = 'serialization_failure';
    end if;
end
$$;
