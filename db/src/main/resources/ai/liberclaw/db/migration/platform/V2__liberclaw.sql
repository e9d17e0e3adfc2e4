-- What is ours, on top of the original's schema. Whatever is added to an original table has a database default or may
-- be null, so that the original can still write here and take over again.
--
-- States are text with a check instead of a native enum type: a later migration replaces a check within its
-- transaction, while a value added to an enum type can't be used in the transaction that adds it, nor taken away.

-- The original's defaults lived in its program alone: rows written by other tools hold nulls.

update users set email_verified = false where email_verified is null;
update users set tier = 'free' where tier is null;
update users set show_tool_calls = true where show_tool_calls is null;
update users set created_at = coalesce(updated_at, now()) where created_at is null;
update users set updated_at = created_at where updated_at is null;
alter table users
    alter column email_verified set default false, alter column email_verified set not null,
    alter column tier set default 'free', alter column tier set not null,
    alter column show_tool_calls set default true, alter column show_tool_calls set not null,
    alter column created_at set not null,
    alter column updated_at set not null;

update oauth_connections set created_at = now() where created_at is null;
alter table oauth_connections alter column created_at set not null;
create index ix_oauth_connections_user_id on oauth_connections (user_id);

update wallet_connections set is_primary = false where is_primary is null;
update wallet_connections set created_at = now() where created_at is null;
alter table wallet_connections
    alter column is_primary set default false, alter column is_primary set not null,
    alter column created_at set not null;
create index ix_wallet_connections_user_id on wallet_connections (user_id);

update sessions set created_at = least(now(), expires_at - interval '30 days') where created_at is null;
alter table sessions alter column created_at set not null;

update magic_links set created_at = least(now(), expires_at - interval '15 minutes') where created_at is null;
alter table magic_links alter column created_at set not null;

update api_keys set label = 'default' where label is null;
update api_keys set is_active = true where is_active is null;
update api_keys set created_at = now() where created_at is null;
alter table api_keys
    alter column label set default 'default', alter column label set not null,
    alter column is_active set default true, alter column is_active set not null,
    alter column created_at set not null;

update agents set model = 'qwen3-coder-next' where model is null;
update agents set deployment_status = 'pending' where deployment_status is null;
update agents set source = 'web' where source is null;
update agents set created_at = coalesce(updated_at, now()) where created_at is null;
update agents set updated_at = created_at where updated_at is null;
alter table agents
    alter column model set default 'qwen3-coder-next', alter column model set not null,
    alter column deployment_status set default 'pending', alter column deployment_status set not null,
    alter column source set default 'web', alter column source set not null,
    alter column created_at set not null,
    alter column updated_at set not null;

update deployment_history set created_at = now() where created_at is null;
alter table deployment_history alter column created_at set not null;

update daily_usage set message_count = 0 where message_count is null;
alter table daily_usage alter column message_count set default 0, alter column message_count set not null;

update usage_events set tokens_used = 0 where tokens_used is null;
update usage_events set created_at = now() where created_at is null;
alter table usage_events
    alter column tokens_used set default 0, alter column tokens_used set not null,
    alter column created_at set not null;

update wallet_challenges set created_at = least(now(), expires_at - interval '5 minutes') where created_at is null;
alter table wallet_challenges alter column created_at set not null;

alter table activity_events alter column is_public set default false;

-- People.

-- The comparable form of the e-mail, written by the server. Two adopted accounts may differ in case alone: then the
-- oldest gets it, and the others keep null and are found by their e-mail exactly as typed.
alter table users
    add column email_lower text,
    add column tokens_valid_after timestamptz;
update users set email_lower = lower(email)
where id in (select distinct on (lower(email)) id from users where email is not null order by lower(email), created_at, id);
alter table users add constraint uq_users_email_lower unique (email_lower);

alter table magic_links add column email_lower text;
update magic_links set email_lower = lower(email);
create index ix_magic_links_email_lower on magic_links (email_lower, created_at);
create index ix_magic_links_expires_at on magic_links (expires_at);

-- A family is a sign-in with all the sessions its refreshes made. Adopted sessions each begin their own.
alter table sessions
    add column family_id uuid not null default gen_random_uuid(),
    add column family_started_at timestamptz not null default now(),
    add column rotated_at timestamptz;
update sessions set family_id = id, family_started_at = created_at;
-- One refresh token, one session. Of copied rows the newest stays; the others can never have been told apart.
update sessions older
set revoked_at = coalesce(revoked_at, now()), refresh_token_hash = encode(sha256(convert_to(older.id::text, 'UTF8')), 'hex')
where exists (
    select from sessions newer
    where newer.refresh_token_hash = older.refresh_token_hash and (newer.created_at, newer.id) > (older.created_at, older.id)
);
alter table sessions add constraint uq_sessions_refresh_token_hash unique (refresh_token_hash);
create index ix_sessions_family_id on sessions (family_id);
create index ix_sessions_expires_at on sessions (expires_at);

create index ix_wallet_challenges_expires_at on wallet_challenges (expires_at);
create index ix_activity_created_id on activity_events (created_at, id);

-- How often something was used in a period, for limits that hold across all servers.
create table rate_limit_buckets (
    name varchar(64) not null,
    subject varchar(400) not null,
    period_start timestamptz not null,
    used integer not null default 0,
    expires_at timestamptz not null,
    constraint rate_limit_buckets_pkey primary key (name, subject, period_start)
);
create index ix_rate_limit_buckets_expires_at on rate_limit_buckets (expires_at);

-- Mail to be sent. It holds sign-in codes, so its content is a Fernet token, and emptied at the end.
create table mail_outbox (
    id uuid not null,
    recipient varchar(320) not null,
    content text,
    status varchar(20) not null default 'queued',
    attempt integer not null default 0,
    not_before timestamptz not null default now(),
    lease_owner varchar(100),
    lease_until timestamptz,
    expires_at timestamptz not null,
    error_detail text,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint mail_outbox_pkey primary key (id),
    constraint ck_mail_outbox_status check (status in ('queued', 'sent', 'failed')),
    constraint ck_mail_outbox_content check ((status = 'queued') = (content is not null))
);
create index ix_mail_outbox_not_before on mail_outbox (not_before) where status = 'queued';
create index ix_mail_outbox_ended_at on mail_outbox (ended_at) where status <> 'queued';

-- A request made twice with one key is done once. status is null while the first is still running.
create table idempotency_keys (
    user_id uuid not null,
    path varchar(400) not null,
    key varchar(200) not null,
    body_hash varchar(64) not null,
    status integer,
    response text,
    created_at timestamptz not null default now(),
    constraint idempotency_keys_pkey primary key (user_id, path, key),
    constraint idempotency_keys_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);
create index ix_idempotency_keys_created_at on idempotency_keys (created_at);

-- Agents and what they live in.

create table installation (
    one boolean not null default true,
    id uuid not null default gen_random_uuid(),
    created_at timestamptz not null default now(),
    constraint installation_pkey primary key (one),
    constraint ck_installation_one check (one)
);
insert into installation default values;

-- agent_id has no foreign key: an instance outlives its agent until it has been destroyed.
create table instances (
    id uuid not null,
    agent_id uuid,
    provider varchar(20) not null,
    state varchar(20) not null default 'requested',
    generation bigint not null default 0,
    external_id varchar(200),
    handle jsonb not null default '{}',
    endpoint jsonb,
    host_key text,
    ssh_key text,
    release varchar(100),
    boot_id varchar(100),
    failed_step varchar(50),
    error_code varchar(50),
    lease_owner varchar(100),
    lease_until timestamptz,
    last_seen_at timestamptz,
    destroy_after timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint instances_pkey primary key (id),
    constraint uq_instances_provider_external_id unique (provider, external_id),
    constraint ck_instances_provider check (provider in ('process', 'container', 'aleph', 'ssh')),
    constraint ck_instances_state check (state in ('requested', 'provisioning', 'allocated', 'warm', 'deploying', 'running',
        'updating', 'degraded', 'stopped', 'destroying', 'destroyed', 'failed'))
);
create index ix_instances_agent_id on instances (agent_id);
create index ix_instances_provider_state on instances (provider, state);
create index ix_instances_destroy_after on instances (destroy_after) where destroy_after is not null;
comment on column instances.ssh_key is 'v2: envelope';
comment on column instances.lease_owner is 'the replica that supervises this instance until lease_until';

-- provider null: an agent of the original, served as it is.
alter table agents
    add column provider varchar(20),
    add column instance_id uuid,
    add column generation bigint not null default 0,
    add constraint ck_agents_provider check (provider in ('process', 'container', 'aleph', 'ssh')),
    -- Checked at the end of the transaction, so that both rows may be written in either order.
    add constraint agents_instance_id_fkey foreign key (instance_id) references instances (id) on delete set null
        deferrable initially deferred;
create index ix_agents_instance_id on agents (instance_id);

-- A job that brings an agent to a state. No foreign key to the agent: a destroy runs after the row is gone.
create table deployments (
    id uuid not null,
    agent_id uuid not null,
    instance_id uuid,
    generation bigint not null,
    kind varchar(20) not null,
    status varchar(20) not null default 'queued',
    step varchar(50),
    attempt integer not null default 0,
    not_before timestamptz not null default now(),
    lease_owner varchar(100),
    lease_until timestamptz,
    deadline timestamptz,
    error_code varchar(50),
    error_detail text,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    constraint deployments_pkey primary key (id),
    constraint ck_deployments_kind check (kind in ('create', 'update', 'rebuild', 'destroy')),
    constraint ck_deployments_status check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
);
create unique index uq_deployments_active_agent_id on deployments (agent_id) where status in ('queued', 'running');
create index ix_deployments_queued on deployments (not_before) where status = 'queued';
create index ix_deployments_running on deployments (lease_until) where status = 'running';
create index ix_deployments_agent_id_created_at on deployments (agent_id, created_at);
create index ix_deployments_ended_at on deployments (ended_at) where ended_at is not null;

create table deployment_steps (
    deployment_id uuid not null,
    key varchar(50) not null,
    status varchar(20) not null default 'pending',
    detail text,
    started_at timestamptz,
    ended_at timestamptz,
    constraint deployment_steps_pkey primary key (deployment_id, key),
    constraint deployment_steps_deployment_id_fkey foreign key (deployment_id) references deployments (id) on delete cascade,
    constraint ck_deployment_steps_status check (status in ('pending', 'active', 'done', 'failed'))
);

create table deployment_logs (
    deployment_id uuid not null,
    seq integer not null,
    at timestamptz not null default now(),
    level varchar(10) not null,
    message text not null,
    constraint deployment_logs_pkey primary key (deployment_id, seq),
    constraint deployment_logs_deployment_id_fkey foreign key (deployment_id) references deployments (id) on delete cascade,
    constraint ck_deployment_logs_level check (level in ('info', 'success', 'warning', 'error'))
);
create index ix_deployment_logs_at on deployment_logs (at);

-- Conversations.

-- Messages read from agents and not delivered yet, for api and bot. row_id is null where the agent numbers none;
-- a rebuilt agent numbers from 1 again, in another instance.
create table pending_outbox (
    id uuid not null,
    agent_id uuid not null,
    instance_id uuid,
    row_id bigint,
    chat_id varchar(400) not null,
    channel varchar(20) not null,
    content text not null,
    source varchar(50) not null,
    agent_created_at varchar(50) not null,
    position bigint not null generated always as identity,
    created_at timestamptz not null default now(),
    delivered_at timestamptz,
    constraint pending_outbox_pkey primary key (id),
    constraint pending_outbox_agent_id_fkey foreign key (agent_id) references agents (id) on delete cascade,
    constraint ck_pending_outbox_channel check (channel in ('web', 'telegram'))
);
create unique index uq_pending_outbox_agent_id_row_id on pending_outbox (agent_id, coalesce(instance_id, agent_id), row_id);
create index ix_pending_outbox_undelivered on pending_outbox (channel, agent_id, position) where delivered_at is null;
create index ix_pending_outbox_delivered_at on pending_outbox (delivered_at) where delivered_at is not null;
comment on column pending_outbox.agent_created_at is 'the time as the agent wrote it';
comment on column pending_outbox.position is 'the order of delivery';

-- The one running turn of a conversation with an agent that has no queue of its own.
create table chat_turn_leases (
    chat_id varchar(400) not null,
    agent_id uuid not null,
    lease_owner varchar(100) not null,
    lease_until timestamptz not null,
    stop_requested boolean not null default false,
    created_at timestamptz not null default now(),
    constraint chat_turn_leases_pkey primary key (chat_id),
    constraint chat_turn_leases_agent_id_fkey foreign key (agent_id) references agents (id) on delete cascade
);
create index ix_chat_turn_leases_agent_id on chat_turn_leases (agent_id);
