-- Machines of owners and of the operator that agents live on. owner_id null: the operator's.
create table hosts (
    id uuid not null,
    owner_id uuid,
    name varchar(100) not null,
    address varchar(255) not null,
    port integer not null,
    login varchar(64) not null,
    host_key text not null,
    ssh_key text not null,
    rootless boolean not null default false,
    agents_max integer not null,
    public_name varchar(255),
    facts jsonb not null default '{}',
    state varchar(20) not null default 'ready',
    error_code varchar(50),
    last_seen_at timestamptz,
    created_at timestamptz not null default now(),
    constraint hosts_pkey primary key (id),
    constraint uq_hosts_address_port_login unique (address, port, login),
    constraint hosts_owner_id_fkey foreign key (owner_id) references users (id) on delete cascade,
    constraint ck_hosts_state check (state in ('ready', 'unreachable', 'closed'))
);
create unique index uq_hosts_name on hosts (coalesce(owner_id, '00000000-0000-0000-0000-000000000000'), name);
create index ix_hosts_owner_id on hosts (owner_id);
comment on column hosts.ssh_key is 'v2: envelope';
comment on column hosts.state is 'closed: takes no new agent';
comment on column hosts.public_name is 'below it agents get names of their own, with TLS; null: reached through a tunnel';

alter table instances
    add column host_id uuid,
    add column previous_release varchar(100),
    add column warm_at timestamptz,
    add column claimed_at timestamptz,
    -- What an agent once had, another never gets.
    add constraint ck_instances_warm check (state <> 'warm' or (agent_id is null and claimed_at is null)),
    -- A host with agents cannot be forgotten.
    add constraint instances_host_id_fkey foreign key (host_id) references hosts (id);
create index ix_instances_host_id on instances (host_id);
create index ix_instances_warm on instances (provider, warm_at) where state = 'warm';
comment on column instances.claimed_at is 'when a pool machine was given to an agent; it never goes back';

-- Bundles this installation has checked. At most one is what new agents get.
create table releases (
    id varchar(100) not null,
    version varchar(50) not null,
    platform varchar(50) not null,
    archive_sha256 varchar(64) not null,
    archive_bytes bigint not null,
    manifest text not null,
    signed_by varchar(64) not null,
    current boolean not null default false,
    created_at timestamptz not null default now(),
    constraint releases_pkey primary key (id)
);
create unique index uq_releases_current on releases (current) where current;

alter table deployments
    add column release varchar(100),
    add column abandoning boolean not null default false,
    add column returned boolean not null default false;
comment on column deployments.release is 'null: the release that is current when the job runs';
comment on column deployments.abandoning is 'it has failed, with error_code; what it began is being taken back';
comment on column deployments.returned is 'it has failed, and the agent runs again as before it';

-- A release brought to many agents, wave by wave.
create table rollouts (
    id uuid not null,
    status varchar(20) not null default 'running',
    wave integer not null default 0,
    wave_size integer not null,
    wave_ended_at timestamptz,
    soak_seconds integer not null,
    failures_max integer not null,
    reason text,
    lease_owner varchar(100),
    lease_until timestamptz,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint rollouts_pkey primary key (id),
    constraint ck_rollouts_status check (status in ('running', 'rolling_back', 'succeeded', 'rolled_back', 'halted', 'cancelled'))
);
create unique index uq_rollouts_active on rollouts ((true)) where status in ('running', 'rolling_back');

create table rollout_agents (
    rollout_id uuid not null,
    agent_id uuid not null,
    wave integer not null,
    status varchar(20) not null default 'waiting',
    deployment_id uuid,
    release varchar(100) not null,
    previous_release varchar(100),
    error_code varchar(50),
    updated_at timestamptz not null default now(),
    constraint rollout_agents_pkey primary key (rollout_id, agent_id),
    constraint rollout_agents_rollout_id_fkey foreign key (rollout_id) references rollouts (id) on delete cascade,
    constraint ck_rollout_agents_status check (status in ('waiting', 'updating', 'updated', 'failed', 'skipped',
        'returning', 'returned'))
);
create index ix_rollout_agents_agent_id on rollout_agents (agent_id);
comment on column rollout_agents.release is 'where it is brought; releases differ by provider';
comment on column rollout_agents.status is 'failed: not updated, and whether it runs is another matter';

-- The Aleph network. A message is here, signed, before it is sent, and until the network has forgotten it.
create table aleph_messages (
    item_hash varchar(64) not null,
    instance_id uuid,
    type varchar(20) not null,
    target_hash varchar(64),
    node_hash varchar(64),
    node_url varchar(255),
    message text not null,
    status varchar(20) not null default 'signed',
    error_code varchar(50),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint aleph_messages_pkey primary key (item_hash),
    constraint ck_aleph_messages_type check (type in ('INSTANCE', 'FORGET', 'AGGREGATE')),
    constraint ck_aleph_messages_status check (status in ('signed', 'sent', 'processed', 'rejected', 'forgotten'))
);
create index ix_aleph_messages_instance_id on aleph_messages (instance_id);
create index ix_aleph_messages_target_hash on aleph_messages (target_hash);

-- Nodes to avoid for a while, and what came of asking them. Shared by all servers.
create table node_faults (
    node_url varchar(255) not null,
    code varchar(50) not null,
    until timestamptz not null,
    constraint node_faults_pkey primary key (node_url)
);
create index ix_node_faults_until on node_faults (until);

create table node_stats (
    node_url varchar(255) not null,
    succeeded bigint not null default 0,
    failed bigint not null default 0,
    updated_at timestamptz not null default now(),
    constraint node_stats_pkey primary key (node_url)
);

-- What providers have of ours that no instance owns. It is left alone until destroy_after.
create table orphans (
    provider varchar(20) not null,
    external_id varchar(200) not null,
    handle jsonb not null default '{}',
    state varchar(20) not null default 'quarantined',
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    destroy_after timestamptz not null,
    destroyed_at timestamptz,
    error_code varchar(50),
    constraint orphans_pkey primary key (provider, external_id),
    constraint ck_orphans_state check (state in ('quarantined', 'held', 'destroyed', 'owned'))
);
comment on column orphans.state is 'held: too many at once, waits for the operator';

-- Work that keeps failing waits longer each time, for all servers.
create table circuit_breakers (
    name varchar(64) not null,
    failures integer not null default 0,
    open_until timestamptz,
    error_code varchar(50),
    updated_at timestamptz not null default now(),
    constraint circuit_breakers_pkey primary key (name)
);

-- What the operator should know. cleared_at null: it still holds.
create table alarms (
    name varchar(100) not null,
    level varchar(10) not null,
    message text not null,
    raised_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    cleared_at timestamptz,
    constraint alarms_pkey primary key (name),
    constraint ck_alarms_level check (level in ('warning', 'critical'))
);

-- How many pool machines were asked for, by hour, to size the pool by.
create table pool_demand (
    provider varchar(20) not null,
    hour timestamptz not null,
    claims integer not null default 0,
    misses integer not null default 0,
    constraint pool_demand_pkey primary key (provider, hour)
);

-- What happened to instances, for people to read; kept after the agent is gone.
create table instance_events (
    id uuid not null,
    instance_id uuid not null,
    agent_id uuid,
    provider varchar(20) not null,
    event varchar(50) not null,
    detail text,
    created_at timestamptz not null default now(),
    constraint instance_events_pkey primary key (id)
);
create index ix_instance_events_instance_id on instance_events (instance_id, created_at);
create index ix_instance_events_created_at on instance_events (created_at);
