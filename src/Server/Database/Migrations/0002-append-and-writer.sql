-- Appends a batch behind the head it was decided on, or fails as a lost race does. A function, so that the append and
-- everything written with it travel to the server together.
create function append_ledger_batch(
    decided_on bigint, decided_on_hash bytea, batch_first bigint, batch_last bigint, batch_hash bytea,
    batch_at timestamptz, batch_body bytea) returns void language plpgsql as $$
begin
    update ledger_head set position = batch_last, hash = batch_hash where position = decided_on and hash = decided_on_hash;
    if not found then
        raise exception 'the ledger has moved on from %', decided_on using errcode = 'serialization_failure';
    end if;
    insert into ledger_batch (first_position, last_position, committed_at, head_hash, body)
    values (batch_first, batch_last, batch_at, batch_hash, batch_body);
end
$$;

-- Indexes that no question uses; each costs an insert on every decision.
alter table decision drop constraint decision_position_key;
drop index decision_tenant;
drop index decision_workload;
drop index placement_workload;
drop index placement_unit_node;

-- Which server writes by preference, and until when; a server that finds it expired takes it.
create table writer_lease (
    singleton  boolean primary key default true check (singleton),
    holder     uuid        not null,
    address    text        not null,
    expires_at timestamptz not null
) with (fillfactor = 10);
