-- What was in use at each full hour, by region and model; the empty model is facility power in milliwatts. Hours that
-- are long past are kept as means of whole days.
create table usage_hour (
    region     text        not null,
    sku        text        not null,
    hour       timestamptz not null,
    step_hours smallint    not null default 1 check (step_hours in (1, 24)),
    used_milli bigint      not null check (used_milli >= 0),
    source     text        not null check (source in ('measured', 'imported')),
    primary key (region, sku, hour)
);
create index usage_hour_hour on usage_hour using brin (hour);
