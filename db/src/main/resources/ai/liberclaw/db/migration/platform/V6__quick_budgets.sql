-- Reservations and settlements that cost less, and always the same: every call of a model waits for its own.

-- Found by its key alone: of a day's rows an index of days finds all.
alter table budgets
    drop constraint budgets_pkey,
    add constraint budgets_pkey primary key (starts_on, scope, subject, period),
    -- Each constraint is read anew by each update. Keys come from budgets_of_call.
    drop constraint ck_budgets_scope,
    drop constraint ck_budgets_period,
    drop constraint ck_budgets_spent,
    drop constraint ck_budgets_reserved,
    add constraint ck_budgets_amounts check (
        least(spent_nanodollars, spent_tokens, spent_requests, reserved_nanodollars, reserved_tokens, reserved_requests) >= 0
    );
drop index ix_budgets_starts_on;

-- One change of budgets at a time, until its transaction ends: all of them change the site's. Whoever locks rows of
-- budgets without it must not wait for a second one.
create function lock_budgets() returns void language sql as $$
    select pg_advisory_xact_lock(7306359)
$$;

-- Holds back what a call may cost at most, in all its budgets or in none. It may be granted fewer completion tokens than
-- it asks for, but not fewer than it needs. Plans are kept: made when the tables were small, they must stay good.
create or replace function reserve_model_call(
    call_id uuid, caller_id uuid, caller_agent_id uuid, token_generation bigint, own_key_allowed boolean,
    model_name text, called_at timestamptz, leased_until timestamptz,
    prompt_tokens_likely bigint, prompt_tokens_max bigint, completion_tokens_max bigint, completion_tokens_min bigint,
    prompt_nanodollars bigint, completion_nanodollars bigint, call_nanodollars bigint
) returns table (
    outcome text, completion_tokens bigint, key_ids uuid[], sealed_keys text[],
    refused_scope text, refused_period text, refused_unit text, amount_max bigint, amount_left bigint
) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
    -- No wait for the disk: should the database server crash within a second of this, the call is settled all the same.
    no_wait constant text := set_config('synchronous_commit', 'off', true);
    call_day constant date := (called_at at time zone 'UTC')::date;
    fixed_cost constant bigint := call_nanodollars + prompt_tokens_max * prompt_nanodollars;
    cost_min constant bigint := fixed_cost + completion_tokens_min * completion_nanodollars;
    caller_tier text;
    is_known boolean;
    money_left bigint;
    tokens_left bigint;
    requests_left bigint;
    held_cost bigint;
    held_tokens bigint;
    counted integer;
    kept record;
begin
    select case when u.tier in ('guest', 'free', 'pro') then u.tier else 'free' end,
            caller_agent_id is null or exists (
                select from agents a
                where a.id = caller_agent_id and a.owner_id = caller_id and a.inference_generation <= token_generation
            ),
            k.ids, k.sealed
        into caller_tier, is_known, key_ids, sealed_keys
        from users u left join lateral (
            select array_agg(k.id order by k.created_at desc, k.id desc) as ids,
                array_agg(k.encrypted_key order by k.created_at desc, k.id desc) as sealed
            from api_keys k where own_key_allowed and k.user_id = caller_id and k.is_active
        ) k on true
        where u.id = caller_id;
    if is_known is not true then
        outcome := 'gone';
        return next;
        return;
    end if;
    completion_tokens := completion_tokens_max;
    perform lock_budgets();
    -- Only what has limits is looked at, chosen as budget_limit_of does.
    for kept in
        select l.scope, l.period, l.nanodollars as nanodollars_max, l.tokens as tokens_max, l.requests as requests_max,
            coalesce(b.spent_nanodollars + b.reserved_nanodollars, 0) as nanodollars,
            coalesce(b.spent_tokens + b.reserved_tokens, 0) as tokens,
            coalesce(b.spent_requests + b.reserved_requests, 0) as requests
        from (
            select distinct on (s.scope, l.period)
                s.scope, s.subject, l.period, l.nanodollars, l.tokens, l.requests,
                case l.period when 'day' then call_day else date_trunc('month', call_day::timestamp)::date end as starts_on
            from (values
                    ('agent', caller_agent_id::text, 'agent', caller_agent_id::text),
                    ('user', caller_id::text, 'user', caller_id::text),
                    ('user', caller_id::text, 'tier_user', caller_tier),
                    ('tier', caller_tier, 'tier', caller_tier),
                    ('site', '', 'site', '')
                ) as s (scope, subject, limit_scope, limit_subject)
                join budget_limits l on l.scope = s.limit_scope and l.subject = s.limit_subject
            where s.scope = 'agent' or key_ids is null
            order by s.scope, l.period, (l.scope = s.scope) desc, l.configured
        ) l
            left join budgets b on b.scope = l.scope and b.subject = l.subject and b.period = l.period
                and b.starts_on = l.starts_on
    loop
        money_left := kept.nanodollars_max - kept.nanodollars;
        tokens_left := kept.tokens_max - kept.tokens;
        requests_left := kept.requests_max - kept.requests;
        if requests_left < 1 then
            refused_unit := 'requests';
            amount_max := kept.requests_max;
            amount_left := requests_left;
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
    held_cost := fixed_cost + completion_tokens * completion_nanodollars;
    held_tokens := prompt_tokens_max + completion_tokens;
    update budgets b set
        reserved_nanodollars = b.reserved_nanodollars + held_cost,
        reserved_tokens = b.reserved_tokens + held_tokens,
        reserved_requests = b.reserved_requests + 1
        from budgets_of_call(caller_id, caller_agent_id, caller_tier, key_ids is not null, call_day) k
        where b.scope = k.scope and b.subject = k.subject and b.period = k.period and b.starts_on = k.starts_on;
    get diagnostics counted = row_count;
    -- An agent has two, and a call that the operator pays for counts in six others.
    if counted < (case when caller_agent_id is null then 0 else 2 end + case when key_ids is null then 6 else 0 end) then
        insert into budgets
                (scope, subject, period, starts_on, reserved_nanodollars, reserved_tokens, reserved_requests)
            select k.*, held_cost, held_tokens, 1
            from budgets_of_call(caller_id, caller_agent_id, caller_tier, key_ids is not null, call_day) k
            where not exists (
                select from budgets b
                where b.scope = k.scope and b.subject = k.subject and b.period = k.period and b.starts_on = k.starts_on
            );
    end if;
    insert into model_calls (id, user_id, agent_id, tier, model, own_key, day, nanodollars, tokens, prompt_tokens,
            prompt_price, completion_price, call_price, lease_until, created_at)
        values (call_id, caller_id, caller_agent_id, caller_tier, model_name, key_ids is not null, call_day,
            held_cost, held_tokens, prompt_tokens_likely, prompt_nanodollars, completion_nanodollars, call_nanodollars,
            leased_until, called_at);
    outcome := 'reserved';
    return next;
end $$;

-- Ends calls with what they used; all zero for one that never happened. Gives those that were still open.
create or replace function settle_model_calls(
    call_ids uuid[], requests_used bigint[], prompt_tokens_used bigint[], cached_tokens_used bigint[],
    completion_tokens_used bigint[], nanodollars_used bigint[]
) returns table (call_id uuid) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
    -- The lock of budgets is held until the commit, and a disk would hold up all calls. What a crash of the database
    -- server undoes is settled again when its lease has lapsed.
    no_wait constant text := set_config('synchronous_commit', 'off', true);
begin
    -- By all in the same order: calls first, then budgets.
    perform from model_calls c where c.id = any (call_ids) order by c.id for update;
    perform lock_budgets();
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

alter function renew_model_calls(uuid[], bigint[], timestamptz)
    set plan_cache_mode = force_generic_plan set enable_seqscan = off;
