-- The originals order a conversation by time and put a summary in front of the rows it left by dating it back. V3
-- placed such a summary by its id: behind them. It goes where it was meant to stand, and its acknowledgement with it.
-- A user row that no earlier row outdates was written when it says, whatever it begins with.
update messages set position = (
    select min(kept.id) - 1 from messages kept
    where kept.chat_id = messages.chat_id and kept.id < messages.id
        and kept.compacted = 0 and kept.created_at > messages.created_at
)
where position = id and compacted = 0 and role = 'user' and content like '[Earlier conversation summary]%'
    and exists (
        select 1 from messages kept
        where kept.chat_id = messages.chat_id and kept.id < messages.id
            and kept.compacted = 0 and kept.created_at > messages.created_at
    );
update messages set position = (
    select summary.position from messages summary
    where summary.chat_id = messages.chat_id and summary.id < messages.id
    order by summary.id desc limit 1
)
where position = id and role = 'assistant' and id in (
    select (
        select min(next.id) from messages next where next.chat_id = summary.chat_id and next.id > summary.id
    ) from messages summary
    where summary.position <> summary.id and summary.compacted = 0 and summary.role = 'user'
        and summary.content like '[Earlier conversation summary]%'
);
