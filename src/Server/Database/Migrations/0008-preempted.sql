-- What ended to make room for other work, as it was. It waits for its owner to ask again, or not.
alter table decision drop constraint decision_placement_state_check;
alter table decision add constraint decision_placement_state_check
    check (placement_state in ('held', 'bound', 'released', 'expired', 'preempted'));

create table preempted_placement (
    placement_id      uuid primary key,
    position          bigint      not null,
    tenant            text        not null,
    workload          text        not null,
    kind              text        not null check (kind in ('service', 'batch', 'gang')),
    data_class        text        not null,
    region            text,
    site              text,
    cluster           text,
    regions           text[]      not null,
    units             int         not null check (units >= 1),
    accelerator_milli bigint      not null check (accelerator_milli >= 0),
    cpu_milli         bigint      not null check (cpu_milli >= 0),
    memory_mib        bigint      not null check (memory_mib >= 0),
    epoch             bigint      not null check (epoch >= 1),
    preempted_by      uuid        not null,
    preempted_at      timestamptz not null
);
create index preempted_placement_tenant on preempted_placement (tenant, placement_id);
