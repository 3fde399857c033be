-- Tables follow the ledger in transactions of their own, so that deciding does not wait for them. Up to which record
-- they have come stands here; it moves in the transaction that writes the rows.
create table projection_head (
    singleton boolean primary key default true check (singleton),
    position  bigint not null check (position >= 0)
) with (fillfactor = 10);

-- Up to now tables were written with the records themselves.
insert into projection_head (position) select position from ledger_head;

-- Moves the tables on from where the writer found them, or fails as a lost race does.
create function advance_projection(came_from bigint, reached bigint) returns void language plpgsql as $$
begin
    update projection_head set position = reached where position = came_from;
    if not found then
        raise exception 'the tables have moved on from %', came_from using errcode = 'serialization_failure';
    end if;
end
$$;

-- Keys stand in the records themselves; which are known follows from the ledger.
drop table idempotency_key;
