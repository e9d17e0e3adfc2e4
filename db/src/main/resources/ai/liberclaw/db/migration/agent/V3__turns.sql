-- What is ours. Times are Unix milliseconds; in the seed's tables they stay ISO-8601 text.

-- The order of a conversation is (position, id). position is the row's id unless given: a summary takes the position
-- of the last row it replaces, and so follows that row and precedes the next. By trigger, so that a previous release
-- or the original, which know no such column, can still write to this file.
update messages set position = id where position is null;
create trigger messages_position after insert on messages when new.position is null
begin
    update messages set position = new.id where id = new.id;
end;
create index idx_messages_position on messages (chat_id, position);
create index idx_messages_turn on messages (turn_id) where turn_id is not null;
create index idx_pending_messages_turn on pending_messages (turn_id) where turn_id is not null;

-- Rows given out by the destructive read, kept for a day.
create table pending_archive (
    id integer primary key,
    chat_id text not null,
    content text not null,
    source text not null,
    created_at text not null,
    turn_id text,
    handed_at integer not null
);
create index idx_pending_archive_handed on pending_archive (handed_at);

-- The counter of a chat's events. It outlives the events and the deletion of the chat.
create table chats (
    id text primary key not null,
    last_seq integer not null default 0
);

-- position is the order of arrival over all chats; message is kept until the turn starts and it becomes a row of
-- messages; restarts counts how often the turn went on after the agent was started again.
create table turns (
    id text primary key not null,
    chat_id text not null,
    client_message_id text,
    state text not null default 'waiting'
        check (state in ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted')),
    mode text not null default 'chat',
    message text,
    resumes integer not null default 0 check (resumes in (0, 1)),
    approvals integer not null default 0 check (approvals in (0, 1)),
    position integer not null unique,
    first_seq integer,
    restarts integer not null default 0,
    error_code text,
    created_at integer not null,
    started_at integer,
    ended_at integer
);
create unique index turns_one_running on turns (chat_id) where state in ('running', 'paused');
create unique index turns_client_message on turns (chat_id, client_message_id);
create index idx_turns_chat on turns (chat_id, position);
create index idx_turns_open on turns (position) where state in ('waiting', 'running', 'paused');
create index idx_turns_ended on turns (ended_at) where ended_at is not null;

create table events (
    chat_id text not null,
    seq integer not null,
    turn_id text not null,
    type text not null,
    json text not null,
    created_at integer not null,
    primary key (chat_id, seq)
);
create index idx_events_created on events (created_at);

-- The write-ahead journal: a call is started here before it runs, and ended in the transaction that stores its outcome,
-- whose text is the row message_id. metadata is what else is known of the result, as JSON.
create table tool_calls (
    turn_id text not null references turns (id) on delete cascade,
    step integer not null,
    position integer not null,
    call_id text not null,
    name text not null,
    arguments text not null,
    cut_off integer not null default 0 check (cut_off in (0, 1)),
    state text not null default 'begun' check (state in ('begun', 'started', 'ended')),
    is_error integer check (is_error in (0, 1)),
    metadata text,
    message_id integer,
    started_at integer,
    ended_at integer,
    primary key (turn_id, step, position)
);
create index idx_tool_calls_open on tool_calls (turn_id) where state <> 'ended';

-- step and position name the tool call that waits for the answer.
create table approvals (
    id text primary key not null,
    kind text not null default 'tool',
    turn_id text not null references turns (id) on delete cascade,
    chat_id text not null,
    step integer,
    position integer,
    payload text not null,
    arguments_hash text not null,
    status text not null default 'pending'
        check (status in ('pending', 'once', 'turn', 'always', 'deny', 'expired', 'cancelled')),
    decided_by text,
    decided_at integer,
    expires_at integer not null,
    created_at integer not null
);
create index idx_approvals_turn on approvals (turn_id);
create index idx_approvals_pending on approvals (chat_id, created_at) where status = 'pending';
create index idx_approvals_created on approvals (created_at);

create table approval_rules (
    id text primary key not null,
    tool text not null,
    arguments text not null,
    arguments_hash text not null,
    decided_by text not null,
    created_at integer not null
);
create unique index approval_rules_arguments on approval_rules (tool, arguments_hash);

-- Background runs. One found running at start-up was cut off, and its chat is told so.
create table subagents (
    id text primary key not null,
    chat_id text not null,
    turn_id text,
    label text not null,
    task text not null,
    state text not null default 'running' check (state in ('running', 'completed', 'failed', 'timeout', 'cancelled')),
    result text,
    error text,
    created_at integer not null,
    started_at integer,
    ended_at integer
);
create index idx_subagents_running on subagents (chat_id) where state = 'running';
create index idx_subagents_ended on subagents (ended_at) where ended_at is not null;
