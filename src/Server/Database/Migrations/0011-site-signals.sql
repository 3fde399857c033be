-- What somebody beside the sites themselves says about their health, such as the provider of a site: the newest word of
-- each, which counts for half a minute.

create table site_signal (
    site               text primary key,
    healthy            boolean     not null,
    confidence_percent integer     not null check (confidence_percent between 1 and 100),
    detail             text        not null,
    received_at        timestamptz not null
);
