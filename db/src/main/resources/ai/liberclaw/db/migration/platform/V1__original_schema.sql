-- The schema of the Python original at its revision 004, as that revision left it. An original database is adopted by
-- taking this as already done; what is ours begins with V2.

create table alembic_version (
    version_num varchar(32) not null,
    constraint alembic_version_pkc primary key (version_num)
);

insert into alembic_version (version_num) values ('004');

create table users (
    id uuid not null,
    email varchar(320),
    email_verified boolean,
    display_name varchar(100),
    avatar_url varchar(500),
    tier varchar(20),
    show_tool_calls boolean,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    device_id varchar(255),
    constraint users_pkey primary key (id),
    constraint users_email_key unique (email),
    constraint uq_users_device_id unique (device_id)
);

create table oauth_connections (
    id uuid not null,
    user_id uuid not null,
    provider varchar(20) not null,
    provider_id varchar(255) not null,
    provider_email varchar(320),
    created_at timestamptz default now(),
    constraint oauth_connections_pkey primary key (id),
    constraint oauth_connections_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint uq_oauth_provider_id unique (provider, provider_id)
);

create table wallet_connections (
    id uuid not null,
    user_id uuid not null,
    chain varchar(20) not null,
    address varchar(100) not null,
    is_primary boolean,
    created_at timestamptz default now(),
    constraint wallet_connections_pkey primary key (id),
    constraint wallet_connections_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint uq_wallet_chain_address unique (chain, address)
);

create table sessions (
    id uuid not null,
    user_id uuid not null,
    refresh_token_hash varchar(64) not null,
    device_info varchar(500),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz default now(),
    constraint sessions_pkey primary key (id),
    constraint sessions_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);
create index ix_sessions_user_id on sessions (user_id);

create table magic_links (
    id uuid not null,
    email varchar(320) not null,
    token_hash varchar(64) not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    created_at timestamptz default now(),
    code_hash varchar(64),
    attempts integer not null default 0,
    constraint magic_links_pkey primary key (id),
    constraint magic_links_token_hash_key unique (token_hash)
);
create index ix_magic_links_email on magic_links (email);

create table api_keys (
    id uuid not null,
    user_id uuid not null,
    encrypted_key text not null,
    label varchar(100),
    is_active boolean,
    created_at timestamptz default now(),
    constraint api_keys_pkey primary key (id),
    constraint api_keys_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);
create index ix_api_keys_user_id on api_keys (user_id);

create table agents (
    id uuid not null,
    owner_id uuid not null,
    name varchar(100) not null,
    system_prompt text not null,
    model varchar(50),
    deployment_status varchar(20),
    instance_hash varchar(100),
    vm_ipv6 varchar(100),
    vm_url varchar(255),
    crn_url varchar(255),
    auth_token text,
    source varchar(20),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    skills text,
    constraint agents_pkey primary key (id),
    constraint agents_owner_id_fkey foreign key (owner_id) references users (id) on delete cascade
);
create index ix_agents_owner_id on agents (owner_id);

create table deployment_history (
    id uuid not null,
    agent_id uuid not null,
    status varchar(20) not null,
    step varchar(50),
    error_message text,
    duration_seconds integer,
    created_at timestamptz default now(),
    constraint deployment_history_pkey primary key (id),
    constraint deployment_history_agent_id_fkey foreign key (agent_id) references agents (id) on delete cascade
);
create index ix_deployment_history_agent_id on deployment_history (agent_id);

create table daily_usage (
    id uuid not null,
    user_id uuid not null,
    date date not null,
    message_count integer,
    constraint daily_usage_pkey primary key (id),
    constraint daily_usage_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint uq_daily_usage_user_date unique (user_id, date)
);
create index ix_daily_usage_user_id on daily_usage (user_id);

create table usage_events (
    id uuid not null,
    user_id uuid not null,
    agent_id uuid,
    event_type varchar(50) not null,
    tokens_used integer,
    created_at timestamptz default now(),
    constraint usage_events_pkey primary key (id),
    constraint usage_events_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint usage_events_agent_id_fkey foreign key (agent_id) references agents (id) on delete set null
);
create index ix_usage_events_user_id on usage_events (user_id);

create table wallet_challenges (
    id uuid not null,
    address varchar(100) not null,
    nonce varchar(100) not null,
    expires_at timestamptz not null,
    created_at timestamptz default now(),
    constraint wallet_challenges_pkey primary key (id)
);
create index ix_wallet_challenges_address on wallet_challenges (address);

create table activity_events (
    id uuid not null,
    user_id uuid,
    agent_id uuid,
    event_type varchar(50) not null,
    metadata_json json,
    is_public boolean not null,
    created_at timestamptz not null default now(),
    constraint activity_events_pkey primary key (id),
    constraint activity_events_user_id_fkey foreign key (user_id) references users (id) on delete set null,
    constraint activity_events_agent_id_fkey foreign key (agent_id) references agents (id) on delete set null
);
create index ix_activity_user_created on activity_events (user_id, created_at);
create index ix_activity_public_created on activity_events (is_public, created_at);
