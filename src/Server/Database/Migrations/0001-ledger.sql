-- The ledger, and the tables that are derived from it. Everything below the ledger itself is written in the same
-- transaction as the events it comes from and can be dropped and rebuilt from them; there are therefore no foreign
-- keys from busy tables, and what must never be wrong is a check.

-- The newest position and its hash. An append is an update of this row that names the values it was decided on.
create table ledger_head (
    singleton boolean primary key default true check (singleton),
    position  bigint not null check (position >= 0),
    hash      bytea  not null check (octet_length(hash) = 32)
) with (fillfactor = 10);

insert into ledger_head (position, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Events in the order they happened; one row for each commit.
create table ledger_batch (
    first_position bigint primary key check (first_position >= 1),
    last_position  bigint      not null check (last_position >= first_position),
    committed_at   timestamptz not null,
    head_hash      bytea       not null check (octet_length(head_hash) = 32),
    body           bytea       not null
);
create unique index ledger_batch_last_position on ledger_batch (last_position);
-- Encoded densely by the writer; trying to compress it again costs time on every append and gains nothing.
alter table ledger_batch alter column body set storage external;

-- The world at a position, so that a start need not fold everything.
create table ledger_snapshot (
    position  bigint primary key check (position >= 1),
    head_hash bytea       not null check (octet_length(head_hash) = 32),
    digest    bytea       not null check (octet_length(digest) = 32),
    taken_at  timestamptz not null,
    body      bytea       not null
);
alter table ledger_snapshot alter column body set storage external;

-- Which request a tenant's key stood for and where in the ledger its answer is.
create table idempotency_key (
    tenant       text        not null,
    key          text        not null,
    request_hash bytea       not null check (octet_length(request_hash) = 32),
    position     bigint      not null,
    recorded_at  timestamptz not null,
    primary key (tenant, key)
);
create index idempotency_key_recorded_at on idempotency_key using brin (recorded_at);

-- Every decision; placement_state follows the placement that it made after that is gone.
create table decision (
    decision_id     uuid primary key,
    position        bigint      not null unique,
    decided_at      timestamptz not null,
    tenant          text        not null,
    workload        text        not null,
    outcome         text        not null check (outcome in ('bound', 'held', 'refused')),
    placement_state text check (placement_state in ('held', 'bound', 'released', 'expired')),
    check ((outcome = 'refused') = (placement_state is null))
);
create index decision_tenant on decision (tenant, decision_id);
create index decision_workload on decision (tenant, workload, decision_id);

-- What the region files declare.
create table region (
    region       text primary key,
    name         text   not null,
    jurisdiction text   not null,
    operator     text   not null,
    position     bigint not null
);

create table site (
    site              text primary key,
    region            text   not null references region,
    country           text   not null,
    city              text   not null,
    latitude_degrees  double precision,
    longitude_degrees double precision,
    status            text   not null check (status in ('active', 'building', 'announced')),
    position          bigint not null
);
create index site_region on site (region, site);

create table cluster (
    cluster         text primary key,
    site            text   not null references site,
    region          text   not null references region,
    scheduler       text   not null check (scheduler in ('kubernetes', 'slurm', 'simulated')),
    provider        text   not null,
    provider_region text   not null,
    position        bigint not null
);
create index cluster_site on cluster (site, cluster);

create table node_pool (
    node_pool                   text primary key,
    cluster                     text   not null references cluster,
    site                        text   not null references site,
    region                      text   not null references region,
    sku                         text,
    fabric                      text   not null
        check (fabric in ('ethernet', 'roce', 'infiniband', 'nvlink', 'scaleUp')),
    nodes_per_fabric_domain     int    not null check (nodes_per_fabric_domain >= 1),
    nodes                       int    not null check (nodes >= 0),
    allocatable_nodes           int    not null check (allocatable_nodes between 0 and nodes),
    accelerators_per_node       int    not null check (accelerators_per_node between 0 and 64),
    cpu_milli_per_node          bigint not null check (cpu_milli_per_node >= 0),
    memory_mib_per_node         bigint not null check (memory_mib_per_node >= 0),
    installed_accelerator_milli bigint not null,
    installed_cpu_milli         bigint not null,
    installed_memory_mib        bigint not null,
    allocated_accelerator_milli bigint not null default 0,
    allocated_cpu_milli         bigint not null default 0,
    allocated_memory_mib        bigint not null default 0,
    position                    bigint not null,
    constraint node_pool_accelerators_fit check (allocated_accelerator_milli between 0 and installed_accelerator_milli),
    constraint node_pool_cpu_fits check (allocated_cpu_milli between 0 and installed_cpu_milli),
    constraint node_pool_memory_fits check (allocated_memory_mib between 0 and installed_memory_mib)
) with (fillfactor = 50);
create index node_pool_cluster on node_pool (cluster, node_pool);
create index node_pool_site on node_pool (site, node_pool);
create index node_pool_region on node_pool (region, node_pool);
create index node_pool_sku on node_pool (sku, node_pool);

-- What is free on each node; one entry of device_free_milli for each accelerator, 1000 when it is wholly free.
create table node (
    node_pool         text   not null,
    ordinal           int    not null check (ordinal >= 0),
    cpu_milli_free    bigint not null,
    memory_mib_free   bigint not null,
    device_free_milli int[]  not null,
    primary key (node_pool, ordinal),
    constraint node_cpu_fits check (cpu_milli_free >= 0),
    constraint node_memory_fits check (memory_mib_free >= 0),
    constraint node_devices_fit check (
        0 <= all (device_free_milli) and 1000 >= all (device_free_milli)
        and array_position(device_free_milli, null) is null)
) with (fillfactor = 70);

-- What runs or is held now. Amounts are totals over all units. Region, site and cluster are null when the units are
-- spread over several; placement_unit then tells.
create table placement (
    placement_id      uuid primary key,
    position          bigint not null,
    tenant            text   not null,
    workload          text   not null,
    kind              text   not null check (kind in ('service', 'batch', 'gang')),
    data_class        text   not null,
    state             text   not null check (state in ('held', 'bound')),
    hold_until        timestamptz,
    bound_at          timestamptz,
    region            text,
    site              text,
    cluster           text,
    units             int    not null check (units >= 1),
    accelerator_milli bigint not null check (accelerator_milli >= 0),
    cpu_milli         bigint not null check (cpu_milli >= 0),
    memory_mib        bigint not null check (memory_mib >= 0),
    epoch             bigint not null check (epoch >= 1),
    check ((state = 'held') = (hold_until is not null)),
    check ((state = 'bound') = (bound_at is not null))
) with (fillfactor = 80);
create index placement_tenant on placement (tenant, state, placement_id);
create index placement_workload on placement (tenant, workload, placement_id);
create index placement_site on placement (site, state, placement_id);
create index placement_region on placement (region, state, placement_id);
create index placement_hold_until on placement (hold_until, placement_id) where state = 'held';

-- Where each unit is. device_mask has a bit for each accelerator of the node that the unit has, the lowest for the
-- first; device_milli is what it has of each, 1000 unless it shares one.
create table placement_unit (
    placement_id uuid   not null,
    unit_ordinal int    not null check (unit_ordinal >= 0),
    node_pool    text   not null,
    node_ordinal int    not null check (node_ordinal >= 0),
    device_mask  bigint not null,
    device_milli int    not null check (device_milli between 0 and 1000),
    primary key (placement_id, unit_ordinal),
    check ((device_mask = 0) = (device_milli = 0))
);
create index placement_unit_node on placement_unit (node_pool, node_ordinal, placement_id);
