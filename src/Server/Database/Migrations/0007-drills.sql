-- Losses that were played through. The body is the text that was signed, so it is kept as it was written.
create table drill (
    drill_id  uuid        primary key,
    scenario  text        not null,
    ran_at    timestamptz not null,
    broken    boolean     not null,
    body      text        not null,
    key_id    text        not null,
    signature bytea       not null
);
create index drill_scenario on drill (scenario, ran_at desc);
