"""What the Redis server does undivided: nothing comes between two commands of one script.

The keys of a script share a hash tag, so a Redis cluster has them on one node. Redis 5 and later
replicate what a script did rather than the script, which is why scripts may look at the clock.
"""

from __future__ import annotations

import hashlib

__all__ = ["AGES", "APPEND", "BEAT", "FORGET", "SAVE_SNAPSHOT", "Script"]


class Script:
    """Hold the text of a script, and the hash by which a server knows it.

    Args:
        text: The text, in Lua.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


# Entries end with the second of their last change. Who has been silent for longer than any
# request can be under way needs no entry; looking at all of them pays off now and then only.
_PRUNE = """
local function prune(key, now, seconds, every)
  if redis.call('HLEN', key) % every ~= 0 then return end
  local entries = redis.call('HGETALL', key)
  for i = 2, #entries, 2 do
    if now - tonumber(string.match(entries[i], '%d+$')) > seconds then
      redis.call('HDEL', key, entries[i - 1])
    end
  end
end
"""

# KEYS: the log, the writers of the log.
# ARGV: writer, number of the last event, length that the log is known to have, 1 for a new log,
#       and the events.
# Gives the position of the last event; 0: no such log (or not new), -1: the log has become
# shorter, -2: the writer has written later events already.
APPEND = Script(
    _PRUNE
    + """
local log, writers = KEYS[1], KEYS[2]
local last = tonumber(ARGV[2])
local before = redis.call('HGET', writers, ARGV[1])
if before then
  local number, position = string.match(before, '^(%d+) (%d+)')
  if tonumber(number) == last then return tonumber(position) end
  if tonumber(number) > last then return -2 end
end
local head = redis.call('LLEN', log)
if (head == 0) ~= (ARGV[4] == '1') then return 0 end
if head < tonumber(ARGV[3]) then return -1 end
for i = 5, #ARGV, 1000 do  -- Lua's stack is small
  head = redis.call('RPUSH', log, unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
local now = redis.call('TIME')[1]
if redis.call('HSET', writers, ARGV[1], ARGV[2] .. ' ' .. head .. ' ' .. now) == 1 then
  prune(writers, tonumber(now), 3600, 1000)
end
return head
"""
)

# KEYS: the studies. ARGV: name, id. A name that belongs to another study by now is left alone.
FORGET = Script(
    """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
"""
)

# KEYS: the snapshot, the log. ARGV: position, data. A study that was deleted gets none.
SAVE_SNAPSHOT = Script(
    """
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'position', ARGV[1], 'data', ARGV[2])
return 1
"""
)

# KEYS: the heartbeats. ARGV: writer.
BEAT = Script(
    _PRUNE
    + """
local now = redis.call('TIME')
local beat = string.format('%06d %s', now[2], now[1])
if redis.call('HSET', KEYS[1], ARGV[1], beat) == 1 then
  prune(KEYS[1], tonumber(now[1]), 86400, 100)
end
"""
)

# KEYS: the heartbeats. Gives the time and the heartbeats: one clock for all of them.
AGES = Script("return {redis.call('TIME'), redis.call('HGETALL', KEYS[1])}")
