-- Why requests were refused, as they were told, beside the records of the commit. Asked again under the same key they are
-- told the same at the cost of reading it. What is missing here is found again by deciding on the world of then.
create table refusal_reasons (
    first_position bigint primary key check (first_position >= 1),
    last_position  bigint not null check (last_position >= first_position),
    body           bytea  not null
);
