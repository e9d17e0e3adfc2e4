-- Tables of the successor, which may exist already.

create table if not exists pending_cursors (
    channel text primary key,
    last_id integer not null default 0
);

create table if not exists runtime_events (
    id integer primary key autoincrement,
    chat_id text not null,
    type text not null,
    payload text not null,
    created_at text not null default (datetime('now'))
);
create index if not exists idx_runtime_events_chat on runtime_events (chat_id, id);

create table if not exists telegram_contacts (
    id integer primary key autoincrement,
    telegram_id text not null unique,
    chat_id text not null,
    chat_type text not null default 'private',
    display_name text not null default '',
    username text,
    status text not null default 'pending',
    created_at text not null default (datetime('now')),
    updated_at text not null default (datetime('now'))
);

-- chat_id, which older files lack, follows in the next migration: null is for every chat.
create table if not exists memory_records (
    id integer primary key autoincrement,
    kind text not null,
    content text not null,
    source text not null default 'agent',
    metadata text,
    archived integer not null default 0,
    created_at text not null default (datetime('now')),
    updated_at text not null default (datetime('now'))
);

-- What is ours. Times are Unix milliseconds.

-- The update that is fetched next, by bot.
create table telegram_offsets (
    bot_id text primary key not null,
    next_update integer not null
);

-- Tokens of all model calls of a turn; null where the provider said nothing. policy is the stricter tool policy of this
-- turn alone.
alter table turns add column policy text;
alter table turns add column model text;
alter table turns add column model_calls integer not null default 0;
alter table turns add column prompt_tokens integer;
alter table turns add column cached_tokens integer;
alter table turns add column completion_tokens integer;

-- The same by UTC day (YYYY-MM-DD), which outlives the turns.
create table model_usage (
    day text not null,
    provider text not null,
    model text not null,
    calls integer not null default 0,
    prompt_tokens integer not null default 0,
    cached_tokens integer not null default 0,
    completion_tokens integer not null default 0,
    primary key (day, provider, model)
);

alter table subagents add column role text not null default 'default';
alter table subagents add column persona text;
alter table subagents add column timeout_seconds integer not null default 300;
create index idx_subagents_chat on subagents (chat_id, created_at);

-- When a job last came due and what became of it; the jobs themselves are files of the workspace.
create table schedules (
    job_id text primary key not null,
    last_due_at integer not null,
    turn_id text,
    state text
);

create table coding_tasks (
    id text primary key not null,
    chat_id text not null unique,
    turn_id text,
    mode text not null check (mode in ('implement', 'inspect')),
    task text not null,
    state text not null default 'running' check (state in ('running', 'done', 'cancelled', 'failed')),
    created_at integer not null,
    ended_at integer
);
create index idx_coding_tasks_created on coding_tasks (created_at);

-- Commands that run beside the turns. One found running at start-up is lost: its group is ended.
create table processes (
    id text primary key not null,
    chat_id text not null,
    command text not null,
    process_group integer,
    started_ticks integer,
    state text not null default 'running' check (state in ('running', 'exited', 'killed', 'lost')),
    exit_code integer,
    log_path text,
    started_at integer not null,
    ended_at integer
);
create index idx_processes_ended on processes (ended_at) where ended_at is not null;

-- Full text of the conversations, kept by triggers so that a previous release or the original can still write to this
-- file. Of a message with images only the text is indexed.
create virtual table message_search using fts5(content);
create view message_texts as
select
    id,
    case
        when content like '[{%' and json_valid(content) and json_extract(content, '$[0].type') is not null
            then (
                select group_concat(json_extract(block.value, '$.text'), char(10))
                from json_each(content) as block
                where json_extract(block.value, '$.type') = 'text'
            )
        else content
    end as content
from messages;
insert into message_search (rowid, content)
select id, content from message_texts where content is not null and content <> '';
create trigger messages_search_insert after insert on messages when new.content is not null and new.content <> ''
begin
    insert into message_search (rowid, content)
    select id, content from message_texts where id = new.id and content is not null;
end;
create trigger messages_search_delete after delete on messages
begin
    delete from message_search where rowid = old.id;
end;
create trigger messages_search_update after update of content on messages
begin
    delete from message_search where rowid = old.id;
    insert into message_search (rowid, content)
    select id, content from message_texts where id = new.id and content is not null;
end;
