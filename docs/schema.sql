-- The schema after all migrations; written by a test, not by hand.

create table cluster (
    cluster text not null,
    site text not null,
    region text not null,
    scheduler text not null,
    provider text not null,
    provider_region text not null,
    position bigint not null,
    constraint cluster_pkey PRIMARY KEY (cluster),
    constraint cluster_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    constraint cluster_scheduler_check CHECK ((scheduler = ANY (ARRAY['kubernetes'::text, 'slurm'::text, 'simulated'::text]))),
    constraint cluster_site_fkey FOREIGN KEY (site) REFERENCES site(site)
);
CREATE INDEX cluster_site ON cluster USING btree (site, cluster);

create table decision (
    decision_id uuid not null,
    position bigint not null,
    decided_at timestamp with time zone not null,
    tenant text not null,
    workload text not null,
    outcome text not null,
    placement_state text,
    constraint decision_pkey PRIMARY KEY (decision_id),
    constraint decision_check CHECK (((outcome = 'refused'::text) = (placement_state IS NULL))),
    constraint decision_outcome_check CHECK ((outcome = ANY (ARRAY['bound'::text, 'held'::text, 'refused'::text]))),
    constraint decision_placement_state_check CHECK ((placement_state = ANY (ARRAY['held'::text, 'bound'::text, 'released'::text, 'expired'::text, 'preempted'::text])))
);

create table drill (
    drill_id uuid not null,
    scenario text not null,
    ran_at timestamp with time zone not null,
    broken boolean not null,
    body text not null,
    key_id text not null,
    signature bytea not null,
    constraint drill_pkey PRIMARY KEY (drill_id)
);
CREATE INDEX drill_scenario ON drill USING btree (scenario, ran_at DESC);

create table join_token (
    digest bytea not null,
    site text not null,
    expires_at timestamp with time zone not null,
    constraint join_token_pkey PRIMARY KEY (digest),
    constraint join_token_digest_check CHECK ((octet_length(digest) = 32))
);

create table ledger_batch (
    first_position bigint not null,
    last_position bigint not null,
    committed_at timestamp with time zone not null,
    head_hash bytea not null,
    body bytea storage external,
    leaves bytea storage external,
    constraint ledger_batch_pkey PRIMARY KEY (first_position),
    constraint ledger_batch_check CHECK ((last_position >= first_position)),
    constraint ledger_batch_first_position_check CHECK ((first_position >= 1)),
    constraint ledger_batch_head_hash_check CHECK ((octet_length(head_hash) = 32)),
    constraint ledger_batch_leaves_check CHECK ((octet_length(leaves) = (32 * ((last_position - first_position) + 1)))),
    constraint ledger_batch_whole_or_retired CHECK (((body IS NULL) = (leaves IS NOT NULL)))
);
CREATE UNIQUE INDEX ledger_batch_last_position ON ledger_batch USING btree (last_position);

create table ledger_head (
    singleton boolean not null default true,
    position bigint not null,
    hash bytea not null,
    constraint ledger_head_pkey PRIMARY KEY (singleton),
    constraint ledger_head_hash_check CHECK ((octet_length(hash) = 32)),
    constraint ledger_head_position_check CHECK (("position" >= 0)),
    constraint ledger_head_singleton_check CHECK (singleton)
) with (fillfactor=10);

create table ledger_retention (
    singleton boolean not null default true,
    up_to bigint not null,
    before timestamp with time zone not null,
    state_digest bytea not null,
    recorded_at bigint not null,
    is_done boolean not null,
    constraint ledger_retention_pkey PRIMARY KEY (singleton),
    constraint ledger_retention_check CHECK ((recorded_at > up_to)),
    constraint ledger_retention_singleton_check CHECK (singleton),
    constraint ledger_retention_state_digest_check CHECK ((octet_length(state_digest) = 32)),
    constraint ledger_retention_up_to_check CHECK ((up_to >= 1))
);

create table ledger_snapshot (
    position bigint not null,
    head_hash bytea not null,
    digest bytea not null,
    taken_at timestamp with time zone not null,
    body bytea not null storage external,
    constraint ledger_snapshot_pkey PRIMARY KEY ("position"),
    constraint ledger_snapshot_digest_check CHECK ((octet_length(digest) = 32)),
    constraint ledger_snapshot_head_hash_check CHECK ((octet_length(head_hash) = 32)),
    constraint ledger_snapshot_position_check CHECK (("position" >= 1))
);

create table node (
    node_pool text not null,
    ordinal integer not null,
    cpu_milli_free bigint not null,
    memory_mib_free bigint not null,
    device_free_milli integer[] not null,
    constraint node_pkey PRIMARY KEY (node_pool, ordinal),
    constraint node_cpu_fits CHECK ((cpu_milli_free >= 0)),
    constraint node_devices_fit CHECK (((0 <= ALL (device_free_milli)) AND (1000 >= ALL (device_free_milli)) AND (array_position(device_free_milli, NULL::integer) IS NULL))),
    constraint node_memory_fits CHECK ((memory_mib_free >= 0)),
    constraint node_ordinal_check CHECK ((ordinal >= 0))
) with (fillfactor=70);

create table node_pool (
    node_pool text not null,
    cluster text not null,
    site text not null,
    region text not null,
    sku text,
    fabric text not null,
    nodes_per_fabric_domain integer not null,
    nodes integer not null,
    allocatable_nodes integer not null,
    accelerators_per_node integer not null,
    cpu_milli_per_node bigint not null,
    memory_mib_per_node bigint not null,
    installed_accelerator_milli bigint not null,
    installed_cpu_milli bigint not null,
    installed_memory_mib bigint not null,
    allocated_accelerator_milli bigint not null default 0,
    allocated_cpu_milli bigint not null default 0,
    allocated_memory_mib bigint not null default 0,
    position bigint not null,
    constraint node_pool_pkey PRIMARY KEY (node_pool),
    constraint node_pool_accelerators_fit CHECK (((allocated_accelerator_milli >= 0) AND (allocated_accelerator_milli <= installed_accelerator_milli))),
    constraint node_pool_accelerators_per_node_check CHECK (((accelerators_per_node >= 0) AND (accelerators_per_node <= 64))),
    constraint node_pool_check CHECK (((allocatable_nodes >= 0) AND (allocatable_nodes <= nodes))),
    constraint node_pool_cluster_fkey FOREIGN KEY (cluster) REFERENCES cluster(cluster),
    constraint node_pool_cpu_fits CHECK (((allocated_cpu_milli >= 0) AND (allocated_cpu_milli <= installed_cpu_milli))),
    constraint node_pool_cpu_milli_per_node_check CHECK ((cpu_milli_per_node >= 0)),
    constraint node_pool_fabric_check CHECK ((fabric = ANY (ARRAY['ethernet'::text, 'roce'::text, 'infiniband'::text, 'nvlink'::text, 'scaleUp'::text]))),
    constraint node_pool_memory_fits CHECK (((allocated_memory_mib >= 0) AND (allocated_memory_mib <= installed_memory_mib))),
    constraint node_pool_memory_mib_per_node_check CHECK ((memory_mib_per_node >= 0)),
    constraint node_pool_nodes_check CHECK ((nodes >= 0)),
    constraint node_pool_nodes_per_fabric_domain_check CHECK ((nodes_per_fabric_domain >= 1)),
    constraint node_pool_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    constraint node_pool_site_fkey FOREIGN KEY (site) REFERENCES site(site)
) with (fillfactor=50);
CREATE INDEX node_pool_cluster ON node_pool USING btree (cluster, node_pool);
CREATE INDEX node_pool_region ON node_pool USING btree (region, node_pool);
CREATE INDEX node_pool_site ON node_pool USING btree (site, node_pool);
CREATE INDEX node_pool_sku ON node_pool USING btree (sku, node_pool);

create table placement (
    placement_id uuid not null,
    position bigint not null,
    tenant text not null,
    workload text not null,
    kind text not null,
    data_class text not null,
    state text not null,
    hold_until timestamp with time zone,
    bound_at timestamp with time zone,
    region text,
    site text,
    cluster text,
    units integer not null,
    accelerator_milli bigint not null,
    cpu_milli bigint not null,
    memory_mib bigint not null,
    epoch bigint not null,
    constraint placement_pkey PRIMARY KEY (placement_id),
    constraint placement_accelerator_milli_check CHECK ((accelerator_milli >= 0)),
    constraint placement_check CHECK (((state = 'held'::text) = (hold_until IS NOT NULL))),
    constraint placement_check1 CHECK (((state = 'bound'::text) = (bound_at IS NOT NULL))),
    constraint placement_cpu_milli_check CHECK ((cpu_milli >= 0)),
    constraint placement_epoch_check CHECK ((epoch >= 1)),
    constraint placement_kind_check CHECK ((kind = ANY (ARRAY['service'::text, 'batch'::text, 'gang'::text]))),
    constraint placement_memory_mib_check CHECK ((memory_mib >= 0)),
    constraint placement_state_check CHECK ((state = ANY (ARRAY['held'::text, 'bound'::text]))),
    constraint placement_units_check CHECK ((units >= 1))
) with (fillfactor=80);
CREATE INDEX placement_hold_until ON placement USING btree (hold_until, placement_id) WHERE (state = 'held'::text);
CREATE INDEX placement_region ON placement USING btree (region, state, placement_id);
CREATE INDEX placement_site ON placement USING btree (site, state, placement_id);
CREATE INDEX placement_tenant ON placement USING btree (tenant, state, placement_id);

create table placement_unit (
    placement_id uuid not null,
    unit_ordinal integer not null,
    node_pool text not null,
    node_ordinal integer not null,
    device_mask bigint not null,
    device_milli integer not null,
    constraint placement_unit_pkey PRIMARY KEY (placement_id, unit_ordinal),
    constraint placement_unit_check CHECK (((device_mask = 0) = (device_milli = 0))),
    constraint placement_unit_device_milli_check CHECK (((device_milli >= 0) AND (device_milli <= 1000))),
    constraint placement_unit_node_ordinal_check CHECK ((node_ordinal >= 0)),
    constraint placement_unit_unit_ordinal_check CHECK ((unit_ordinal >= 0))
);

create table preempted_placement (
    placement_id uuid not null,
    position bigint not null,
    tenant text not null,
    workload text not null,
    kind text not null,
    data_class text not null,
    region text,
    site text,
    cluster text,
    regions text[] not null,
    units integer not null,
    accelerator_milli bigint not null,
    cpu_milli bigint not null,
    memory_mib bigint not null,
    epoch bigint not null,
    preempted_by uuid not null,
    preempted_at timestamp with time zone not null,
    constraint preempted_placement_pkey PRIMARY KEY (placement_id),
    constraint preempted_placement_accelerator_milli_check CHECK ((accelerator_milli >= 0)),
    constraint preempted_placement_cpu_milli_check CHECK ((cpu_milli >= 0)),
    constraint preempted_placement_epoch_check CHECK ((epoch >= 1)),
    constraint preempted_placement_kind_check CHECK ((kind = ANY (ARRAY['service'::text, 'batch'::text, 'gang'::text]))),
    constraint preempted_placement_memory_mib_check CHECK ((memory_mib >= 0)),
    constraint preempted_placement_units_check CHECK ((units >= 1))
);
CREATE INDEX preempted_placement_tenant ON preempted_placement USING btree (tenant, placement_id);

create table projection_head (
    singleton boolean not null default true,
    position bigint not null,
    constraint projection_head_pkey PRIMARY KEY (singleton),
    constraint projection_head_position_check CHECK (("position" >= 0)),
    constraint projection_head_singleton_check CHECK (singleton)
) with (fillfactor=10);

create table refusal_reasons (
    first_position bigint not null,
    last_position bigint not null,
    body bytea not null,
    constraint refusal_reasons_pkey PRIMARY KEY (first_position),
    constraint refusal_reasons_check CHECK ((last_position >= first_position)),
    constraint refusal_reasons_first_position_check CHECK ((first_position >= 1))
);

create table region (
    region text not null,
    name text not null,
    jurisdiction text not null,
    operator text not null,
    position bigint not null,
    constraint region_pkey PRIMARY KEY (region)
);

create table schema_migration (
    number integer not null,
    name text not null,
    sha256 text not null,
    applied_at timestamp with time zone not null default now(),
    constraint schema_migration_pkey PRIMARY KEY (number),
    constraint schema_migration_number_check CHECK ((number >= 1))
);

create table server_key (
    key_id text not null,
    public_key bytea not null,
    recorded_at timestamp with time zone not null,
    constraint server_key_pkey PRIMARY KEY (key_id),
    constraint server_key_key_id_check CHECK ((key_id ~ '^[0-9a-f]{16}$'::text)),
    constraint server_key_public_key_check CHECK (((octet_length(public_key) >= 64) AND (octet_length(public_key) <= 256)))
);

create table site (
    site text not null,
    region text not null,
    country text not null,
    city text not null,
    latitude_degrees double precision,
    longitude_degrees double precision,
    status text not null,
    position bigint not null,
    constraint site_pkey PRIMARY KEY (site),
    constraint site_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    constraint site_status_check CHECK ((status = ANY (ARRAY['active'::text, 'building'::text, 'announced'::text])))
);
CREATE INDEX site_region ON site USING btree (region, site);

create table site_agent (
    site text not null,
    public_key text not null,
    enrolled_at timestamp with time zone not null,
    constraint site_agent_pkey PRIMARY KEY (site)
);

create table site_lease (
    site text not null,
    session_number bigint,
    session_nonce text,
    is_over boolean not null default false,
    opened_at bigint not null default 0,
    renewals bigint not null default 0,
    is_guarded boolean not null default false,
    renewed_at timestamp with time zone not null,
    constraint site_lease_pkey PRIMARY KEY (site),
    constraint site_lease_check CHECK (((session_number IS NULL) = (session_nonce IS NULL)))
) with (fillfactor=10);

create table site_report (
    site text not null,
    session_number bigint not null,
    session_nonce text not null,
    sequence bigint not null,
    received_at timestamp with time zone not null,
    body bytea not null,
    constraint site_report_pkey PRIMARY KEY (site)
) with (fillfactor=50);

create table site_signal (
    site text not null,
    healthy boolean not null,
    confidence_percent integer not null,
    detail text not null,
    received_at timestamp with time zone not null,
    constraint site_signal_pkey PRIMARY KEY (site),
    constraint site_signal_confidence_percent_check CHECK (((confidence_percent >= 1) AND (confidence_percent <= 100)))
);

create table usage_hour (
    region text not null,
    sku text not null,
    hour timestamp with time zone not null,
    step_hours smallint not null default 1,
    used_milli bigint not null,
    source text not null,
    constraint usage_hour_pkey PRIMARY KEY (region, sku, hour),
    constraint usage_hour_source_check CHECK ((source = ANY (ARRAY['measured'::text, 'imported'::text]))),
    constraint usage_hour_step_hours_check CHECK ((step_hours = ANY (ARRAY[1, 24]))),
    constraint usage_hour_used_milli_check CHECK ((used_milli >= 0))
);
CREATE INDEX usage_hour_hour ON usage_hour USING brin (hour);

create table writer_lease (
    singleton boolean not null default true,
    holder uuid not null,
    address text not null,
    expires_at timestamp with time zone not null,
    constraint writer_lease_pkey PRIMARY KEY (singleton),
    constraint writer_lease_singleton_check CHECK (singleton)
) with (fillfactor=10);
