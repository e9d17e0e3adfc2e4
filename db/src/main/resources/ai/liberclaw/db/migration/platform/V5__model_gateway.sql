-- Calls of models: what they may cost, what they cost. Money is in nano-dollars (1e-9 USD), days and months are UTC.

-- Tokens of an agent that carry an earlier generation are refused.
alter table agents add column inference_generation bigint not null default 0;
comment on column agents.inference_generation is 'the oldest generation of inference tokens that is still accepted';

-- What may be spent in each period; null: any amount. A row the operator wrote counts instead of the configured one.
create table budget_limits (
    scope varchar(20) not null,
    subject varchar(50) not null,
    period varchar(10) not null,
    configured boolean not null default false,
    nanodollars bigint,
    tokens bigint,
    requests bigint,
    updated_at timestamptz not null default now(),
    constraint budget_limits_pkey primary key (scope, subject, period, configured),
    constraint ck_budget_limits_scope check (scope in ('agent', 'user', 'tier_user', 'tier', 'site')),
    constraint ck_budget_limits_period check (period in ('day', 'month')),
    constraint ck_budget_limits_amounts check (nanodollars >= 0 and tokens >= 0 and requests >= 0)
);
comment on column budget_limits.scope is 'tier_user: each user of the tier; tier: all of them together';
comment on column budget_limits.subject is 'id of the agent or user, name of the tier, empty for the site';
comment on column budget_limits.configured is 'from the variables of the servers, which write it when they start';

-- What is spent and held back in a period. Half of each page is left free, so that updates stay within it.
create table budgets (
    scope varchar(20) not null,
    subject varchar(50) not null,
    period varchar(10) not null,
    starts_on date not null,
    spent_nanodollars bigint not null default 0,
    reserved_nanodollars bigint not null default 0,
    spent_tokens bigint not null default 0,
    reserved_tokens bigint not null default 0,
    spent_requests bigint not null default 0,
    reserved_requests bigint not null default 0,
    warned_at timestamptz,
    constraint budgets_pkey primary key (scope, subject, period, starts_on),
    constraint ck_budgets_scope check (scope in ('agent', 'user', 'tier', 'site')),
    constraint ck_budgets_period check (period in ('day', 'month')),
    constraint ck_budgets_spent check (spent_nanodollars >= 0 and spent_tokens >= 0 and spent_requests >= 0),
    constraint ck_budgets_reserved check (reserved_nanodollars >= 0 and reserved_tokens >= 0 and reserved_requests >= 0)
) with (fillfactor = 50);
create index ix_budgets_starts_on on budgets (starts_on);

-- Calls that run. No foreign keys: a call is settled also when its agent is gone.
create table model_calls (
    id uuid not null,
    user_id uuid not null,
    agent_id uuid,
    tier varchar(20) not null,
    model varchar(200) not null,
    own_key boolean not null,
    day date not null,
    nanodollars bigint not null,
    tokens bigint not null,
    prompt_tokens bigint not null,
    prompt_price bigint not null,
    completion_price bigint not null,
    call_price bigint not null,
    streamed_tokens bigint not null default 0,
    lease_until timestamptz not null,
    created_at timestamptz not null default now(),
    constraint model_calls_pkey primary key (id)
) with (fillfactor = 50);
comment on column model_calls.own_key is 'paid by the user: only the budget of the agent counts it';
comment on column model_calls.nanodollars is 'held back, as are tokens';
comment on column model_calls.prompt_tokens is 'what the prompt likely has; the price of the three is in nano-dollars';
comment on column model_calls.lease_until is 'after that it is settled from streamed_tokens by any server';

-- What was used, kept 13 months. No foreign key to the agent: its owner still reads what it cost.
create table model_usage (
    user_id uuid not null,
    day date not null,
    agent_id uuid,
    model varchar(200) not null,
    own_key boolean not null,
    requests bigint not null default 0,
    prompt_tokens bigint not null default 0,
    cached_tokens bigint not null default 0,
    completion_tokens bigint not null default 0,
    nanodollars bigint not null default 0,
    constraint model_usage_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);
create unique index uq_model_usage on model_usage
    (user_id, day, coalesce(agent_id, '00000000-0000-0000-0000-000000000000'), model, own_key);
create index ix_model_usage_day on model_usage (day);
comment on column model_usage.cached_tokens is 'of the prompt tokens, those the upstream had kept';

-- The rows of budgets that a call counts in.
create function budgets_of_call(user_id uuid, agent_id uuid, tier text, own_key boolean, day date)
returns table (scope text, subject text, period text, starts_on date) language sql immutable as $$
    select s.scope, s.subject, p.period, p.starts_on
    from (values ('agent', agent_id::text, 1), ('user', user_id::text, 0), ('tier', tier, 0), ('site', '', 0))
            as s (scope, subject, always),
        (values ('day', day), ('month', date_trunc('month', day::timestamp)::date)) as p (period, starts_on)
    where s.subject is not null and (s.always = 1 or not own_key)
$$;

-- Holds back what a call may cost at most, in all its budgets or in none. It may be granted fewer completion tokens than
-- it asks for, but not fewer than it needs. Rows are always locked in the same order.
create function reserve_model_call(
    call_id uuid, caller_id uuid, caller_agent_id uuid, token_generation bigint, own_key_allowed boolean,
    model_name text, called_at timestamptz, leased_until timestamptz,
    prompt_tokens_likely bigint, prompt_tokens_max bigint, completion_tokens_max bigint, completion_tokens_min bigint,
    prompt_nanodollars bigint, completion_nanodollars bigint, call_nanodollars bigint
) returns table (
    outcome text, completion_tokens bigint, key_ids uuid[], sealed_keys text[],
    refused_scope text, refused_period text, refused_unit text, amount_max bigint, amount_left bigint
) language plpgsql as $$
declare
    caller_tier text;
    call_day date := (called_at at time zone 'UTC')::date;
    fixed_cost bigint := call_nanodollars + prompt_tokens_max * prompt_nanodollars;
    cost_min bigint := fixed_cost + completion_tokens_min * completion_nanodollars;
    money_left bigint;
    tokens_left bigint;
    kept record;
begin
    -- No wait for the disk: should the database server crash within a second of this, the call is settled all the same.
    perform set_config('synchronous_commit', 'off', true);
    select case when u.tier in ('guest', 'free', 'pro') then u.tier else 'free' end into caller_tier
        from users u where u.id = caller_id;
    if not found or (caller_agent_id is not null and not exists (
        select from agents a
        where a.id = caller_agent_id and a.owner_id = caller_id and a.inference_generation <= token_generation
    )) then
        outcome := 'gone';
        return next;
        return;
    end if;
    if own_key_allowed then
        select array_agg(k.id order by k.created_at desc, k.id desc),
            array_agg(k.encrypted_key order by k.created_at desc, k.id desc)
            into key_ids, sealed_keys from api_keys k where k.user_id = caller_id and k.is_active;
    end if;
    completion_tokens := completion_tokens_max;
    insert into budgets (scope, subject, period, starts_on)
        select k.* from budgets_of_call(caller_id, caller_agent_id, caller_tier, key_ids is not null, call_day) k
        order by 1, 2, 3, 4
        on conflict do nothing;
    for kept in
        select b.*, l.nanodollars as nanodollars_max, l.tokens as tokens_max, l.requests as requests_max
        from budgets_of_call(caller_id, caller_agent_id, caller_tier, key_ids is not null, call_day) k
            join budgets b on b.scope = k.scope and b.subject = k.subject and b.period = k.period
                and b.starts_on = k.starts_on
            left join lateral budget_limit_of(k.scope, k.subject, caller_tier, k.period) l on true
        order by b.scope, b.subject, b.period, b.starts_on
        for update of b
    loop
        money_left := kept.nanodollars_max - kept.spent_nanodollars - kept.reserved_nanodollars;
        tokens_left := kept.tokens_max - kept.spent_tokens - kept.reserved_tokens;
        if kept.requests_max - kept.spent_requests - kept.reserved_requests < 1 then
            refused_unit := 'requests';
            amount_max := kept.requests_max;
            amount_left := kept.requests_max - kept.spent_requests - kept.reserved_requests;
        elsif cost_min > 0 and money_left < cost_min then
            refused_unit := 'nanodollars';
            amount_max := kept.nanodollars_max;
            amount_left := money_left;
        elsif tokens_left < prompt_tokens_max + completion_tokens_min then
            refused_unit := 'tokens';
            amount_max := kept.tokens_max;
            amount_left := tokens_left;
        end if;
        if refused_unit is not null then
            outcome := 'refused';
            refused_scope := kept.scope;
            refused_period := kept.period;
            amount_left := greatest(amount_left, 0);
            return next;
            return;
        end if;
        completion_tokens := least(completion_tokens, tokens_left - prompt_tokens_max,
            (money_left - fixed_cost) / nullif(completion_nanodollars, 0));
    end loop;
    update budgets b set
        reserved_nanodollars = b.reserved_nanodollars + fixed_cost + completion_tokens * completion_nanodollars,
        reserved_tokens = b.reserved_tokens + prompt_tokens_max + completion_tokens,
        reserved_requests = b.reserved_requests + 1
        from budgets_of_call(caller_id, caller_agent_id, caller_tier, key_ids is not null, call_day) k
        where b.scope = k.scope and b.subject = k.subject and b.period = k.period and b.starts_on = k.starts_on;
    insert into model_calls (id, user_id, agent_id, tier, model, own_key, day, nanodollars, tokens, prompt_tokens,
            prompt_price, completion_price, call_price, lease_until, created_at)
        values (call_id, caller_id, caller_agent_id, caller_tier, model_name, key_ids is not null, call_day,
            fixed_cost + completion_tokens * completion_nanodollars, prompt_tokens_max + completion_tokens,
            prompt_tokens_likely, prompt_nanodollars, completion_nanodollars, call_nanodollars, leased_until, called_at);
    outcome := 'reserved';
    return next;
end $$;

-- The limit that holds for a budget: the operator's before the configured one, a user's own before that of the tier.
create function budget_limit_of(scope_name text, subject_name text, tier_name text, period_name text)
returns table (nanodollars bigint, tokens bigint, requests bigint) language sql stable as $$
    select l.nanodollars, l.tokens, l.requests from budget_limits l
    where l.period = period_name and (
        (l.scope = scope_name and l.subject = subject_name)
        or (scope_name = 'user' and l.scope = 'tier_user' and l.subject = tier_name)
    )
    order by (l.scope = scope_name) desc, l.configured
    limit 1
$$;

-- Ends calls with what they used; all zero for one that never happened. Gives those that were still open.
create function settle_model_calls(
    call_ids uuid[], requests_used bigint[], prompt_tokens_used bigint[], cached_tokens_used bigint[],
    completion_tokens_used bigint[], nanodollars_used bigint[]
) returns table (call_id uuid) language plpgsql as $$
begin
    -- Locked in the same order by all: calls, then budgets as reservations do.
    perform from model_calls c where c.id = any (call_ids) order by c.id for update;
    perform from budgets b
        where (b.scope, b.subject, b.period, b.starts_on) in (
            select k.scope, k.subject, k.period, k.starts_on
            from model_calls c, budgets_of_call(c.user_id, c.agent_id, c.tier, c.own_key, c.day) k
            where c.id = any (call_ids)
        )
        order by b.scope, b.subject, b.period, b.starts_on
        for update;
    return query
        with ended as (
            delete from model_calls c
            using unnest(call_ids, requests_used, prompt_tokens_used, cached_tokens_used, completion_tokens_used,
                nanodollars_used) as u (id, requests, prompt, cached, completion, nanodollars)
            where c.id = u.id
            returning c.id, c.user_id, c.agent_id, c.tier, c.model, c.own_key, c.day, c.tokens as reserved_tokens,
                c.nanodollars as reserved_nanodollars, u.requests, u.prompt, u.cached, u.completion, u.nanodollars
        ), sums as (
            select k.scope, k.subject, k.period, k.starts_on, count(*) as calls,
                sum(e.reserved_nanodollars) as reserved_nanodollars, sum(e.reserved_tokens) as reserved_tokens,
                sum(e.nanodollars) as nanodollars, sum(e.prompt + e.completion) as tokens, sum(e.requests) as requests
            from ended e, budgets_of_call(e.user_id, e.agent_id, e.tier, e.own_key, e.day) k
            group by k.scope, k.subject, k.period, k.starts_on
        ), budgeted as (
            -- Never below zero, should somebody have deleted the row meanwhile and another call made it anew.
            update budgets b set
                reserved_nanodollars = greatest(b.reserved_nanodollars - s.reserved_nanodollars, 0),
                reserved_tokens = greatest(b.reserved_tokens - s.reserved_tokens, 0),
                reserved_requests = greatest(b.reserved_requests - s.calls, 0),
                spent_nanodollars = b.spent_nanodollars + s.nanodollars,
                spent_tokens = b.spent_tokens + s.tokens,
                spent_requests = b.spent_requests + s.requests
            from sums s
            where b.scope = s.scope and b.subject = s.subject and b.period = s.period and b.starts_on = s.starts_on
        ), noted as (
            insert into model_usage as m
                (user_id, day, agent_id, model, own_key, requests, prompt_tokens, cached_tokens, completion_tokens,
                    nanodollars)
            select e.user_id, e.day, e.agent_id, e.model, e.own_key, sum(e.requests), sum(e.prompt), sum(e.cached),
                sum(e.completion), sum(e.nanodollars)
            from ended e
            where e.requests > 0 and exists (select from users u where u.id = e.user_id)
            group by e.user_id, e.day, e.agent_id, e.model, e.own_key
            order by e.user_id, e.day, e.agent_id, e.model, e.own_key
            on conflict (user_id, day, coalesce(agent_id, '00000000-0000-0000-0000-000000000000'), model, own_key)
            do update set
                requests = m.requests + excluded.requests,
                prompt_tokens = m.prompt_tokens + excluded.prompt_tokens,
                cached_tokens = m.cached_tokens + excluded.cached_tokens,
                completion_tokens = m.completion_tokens + excluded.completion_tokens,
                nanodollars = m.nanodollars + excluded.nanodollars
        )
        select e.id from ended e;
end $$;

-- Notes what running calls have streamed and keeps them from being settled by others. Gives those still open.
create function renew_model_calls(call_ids uuid[], tokens_streamed bigint[], leased_until timestamptz)
returns table (call_id uuid) language plpgsql as $$
begin
    perform set_config('synchronous_commit', 'off', true);
    perform from model_calls c where c.id = any (call_ids) order by c.id for update;
    return query
        update model_calls c set streamed_tokens = u.tokens, lease_until = leased_until
        from unnest(call_ids, tokens_streamed) as u (id, tokens)
        where c.id = u.id
        returning c.id;
end $$;
