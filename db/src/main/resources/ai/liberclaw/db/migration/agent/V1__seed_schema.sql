-- The tables of the Python seed. They may exist already: this file may be a seed's or a successor's database.

create table if not exists messages (
    id integer primary key autoincrement,
    chat_id text not null,
    role text not null,
    content text,
    tool_calls text,
    tool_call_id text,
    created_at text not null default (datetime('now'))
);
create index if not exists idx_messages_chat on messages (chat_id, created_at);

create table if not exists pending_messages (
    id integer primary key autoincrement,
    chat_id text not null,
    content text not null,
    source text not null default 'system',
    created_at text not null default (datetime('now'))
);
