-- Records that are older than they are kept lose their content and keep the hashes of their leaves, 32 bytes each, so
-- that the tree over the ledger, its proofs and its signed heads stay what they are.
alter table ledger_batch alter column body drop not null;
alter table ledger_batch add column leaves bytea;
alter table ledger_batch alter column leaves set storage external;
alter table ledger_batch add constraint ledger_batch_whole_or_retired check ((body is null) = (leaves is not null));
alter table ledger_batch add constraint ledger_batch_leaves_check
    check (octet_length(leaves) = 32 * (last_position - first_position + 1));

-- Up to where that was done, and from which state the ledger goes on there.
create table ledger_retention (
    singleton    boolean primary key default true check (singleton),
    up_to        bigint      not null check (up_to >= 1),
    before       timestamptz not null,
    state_digest bytea       not null check (octet_length(state_digest) = 32),
    recorded_at  bigint      not null check (recorded_at > up_to),
    is_done      boolean     not null
);
