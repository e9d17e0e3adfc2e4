-- What the complete web API keeps. As in V2, what is added to an original table has a default or may be null.

-- People.

-- When the user last signed in or refreshed; guests that stay away are deleted with their agents.
alter table users add column last_seen_at timestamptz not null default now();
update users set last_seen_at = updated_at;
create index ix_users_guest_last_seen_at on users (last_seen_at) where tier = 'guest';

-- A refresh token that travelled in an address must be used until then, or never.
alter table sessions add column first_use_until timestamptz;

-- Who made the address of an account that is not proven: such connections go when its owner proves it.
alter table oauth_connections add column email_verified boolean not null default false;

-- One browser sign-in on its way: the state is bound to a cookie, and used once.
create table oauth_states (
    state_hash varchar(64) not null,
    provider varchar(20) not null,
    cookie_hash varchar(64) not null,
    code_verifier text not null,
    nonce varchar(100),
    flow varchar(20) not null default 'tokens',
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    constraint oauth_states_pkey primary key (state_hash),
    constraint ck_oauth_states_flow check (flow in ('tokens', 'code'))
);
create index ix_oauth_states_expires_at on oauth_states (expires_at);

-- A finished browser sign-in that the client exchanges for its tokens.
create table oauth_codes (
    code_hash varchar(64) not null,
    user_id uuid not null,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    constraint oauth_codes_pkey primary key (code_hash),
    constraint oauth_codes_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);
create index ix_oauth_codes_user_id on oauth_codes (user_id);
create index ix_oauth_codes_expires_at on oauth_codes (expires_at);

-- The exact text that is to be signed. Null: a challenge of the original's, which nobody can answer.
alter table wallet_challenges add column message text;
alter table wallet_challenges add column attempts integer not null default 0;
-- Where it was asked for, as rate limits count: nobody may take all places of somebody's address.
alter table wallet_challenges add column client varchar(100);
create unique index uq_wallet_challenges_nonce on wallet_challenges (nonce) where message is not null;

create table personal_access_tokens (
    id uuid not null,
    user_id uuid not null,
    name varchar(100) not null,
    scopes text[] not null,
    prefix varchar(20) not null,
    token_hash varchar(64) not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint personal_access_tokens_pkey primary key (id),
    constraint uq_personal_access_tokens_token_hash unique (token_hash),
    constraint personal_access_tokens_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);
create index ix_personal_access_tokens_user_id on personal_access_tokens (user_id);
comment on column personal_access_tokens.last_used_at is 'to the minute';

-- What of a key is shown, so that listing decrypts nothing. Null: stored by the original, shown after decrypting once.
alter table api_keys add column masked_key varchar(30);

-- Agents.

-- Owners may let the public feed show an agent's name.
alter table agents add column public_name boolean not null default false;

-- Public events in the order of their commits, the same for every server. A number given at the insert would not do:
-- its transaction may commit after one with a higher number, which readers have gone past by then.
create table activity_feed (
    position bigint not null generated always as identity,
    event_id uuid not null,
    constraint activity_feed_pkey primary key (position),
    constraint uq_activity_feed_event_id unique (event_id),
    constraint activity_feed_event_id_fkey foreign key (event_id) references activity_events (id) on delete cascade
);
insert into activity_feed (event_id) select id from activity_events where is_public order by created_at, id;

-- Runs within the commit, so nobody who is slow between two statements holds the lock. It is let go once the commit is
-- seen by all: whoever sees a position sees every lower one that will ever be. The notification only wakes readers.
create function feed_activity() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7306358);
    insert into activity_feed (event_id) values (new.id);
    perform pg_notify('liberclaw_activity', '');
    return null;
end $$;
create constraint trigger activity_events_feed after insert on activity_events deferrable initially deferred
    for each row when (new.is_public) execute function feed_activity();

-- Wakes whoever streams; the rows are the truth. Sent when the transaction commits.
create function notify_progress() returns trigger language plpgsql as $$
begin
    perform pg_notify('liberclaw_progress', new.deployment_id::text);
    return null;
end $$;
create trigger deployment_steps_notify after insert or update on deployment_steps
    for each row execute function notify_progress();
create trigger deployment_logs_notify after insert on deployment_logs
    for each row execute function notify_progress();
create function notify_deployment() returns trigger language plpgsql as $$
begin
    perform pg_notify('liberclaw_progress', new.id::text);
    return null;
end $$;
create trigger deployments_notify after insert or update of status on deployments
    for each row execute function notify_deployment();

-- The network map.

create table network_nodes (
    hash varchar(100) not null,
    name text not null,
    url text not null,
    score double precision not null,
    lat double precision,
    lng double precision,
    country varchar(100),
    city varchar(100),
    mem_available_kb bigint not null,
    cpu_count integer not null,
    active boolean not null,
    constraint network_nodes_pkey primary key (hash)
);

-- Work that one server does for all, by lease: refreshing the map, deleting what is old.
create table cluster_tasks (
    name varchar(64) not null,
    lease_owner varchar(100),
    lease_until timestamptz,
    last_done_at timestamptz,
    constraint cluster_tasks_pkey primary key (name)
);

-- Chats.

-- A server that hands a waiting message over has it until then: no other gives it to a second reader.
alter table pending_outbox add column claimed_until timestamptz;
