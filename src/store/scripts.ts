/**
 * What the Redis store does, each step as one Lua script: Redis runs a script as a whole, so no other client sees or
 * makes a half-kept graph. The keys are fixed, and what clients choose is only ever a member or a field. The braces
 * keep all keys in one slot of a cluster.
 */
export const keys = ['ids', 'names', 'bodies', 'dates', 'holders'].map((part) => `{gradd:graphs}:${part}`);

/** `ids` is a sorted set for the order; `names`, `bodies` and `dates` are hashes by id; `holders` is one by name. */
const prelude = `
local ids, names, bodies, dates, holders = unpack(KEYS)
local function record(id)
  return {id, redis.call('HGET', names, id), redis.call('HGET', bodies, id), redis.call('HGET', dates, id)}
end
local function known(id)
  return redis.call('ZSCORE', ids, id)
end
`;

const script = (text: string): string => prelude + text;

/** ARGV: id, body, created, and the name if there is one. The body is not sent back where the caller has it. */
export const put = script(`
local id, body, created, name = unpack(ARGV)
local holder = name and redis.call('HGET', holders, name)
if holder and holder ~= id then
  return {'name-taken', record(holder)}
end
local status = known(id) and 'known' or 'created'
if status == 'created' then
  redis.call('HSET', bodies, id, body)
  redis.call('HSET', dates, id, created)
  redis.call('ZADD', ids, 0, id)
end
if name and redis.call('HSETNX', names, id, name) == 1 then
  redis.call('HSET', holders, name, id)
end
return {status, {id, redis.call('HGET', names, id), false, redis.call('HGET', dates, id)}}
`);

/** ARGV: id. */
export const get = script(`
return known(ARGV[1]) and record(ARGV[1])
`);

/** ARGV: name. */
export const byName = script(`
local id = redis.call('HGET', holders, ARGV[1])
return id and record(id)
`);

/** ARGV: the lower bound as ZRANGEBYLEX has it, the limit, the budget. Answers with the records and whether there are more. */
export const list = script(`
local limit, budget = tonumber(ARGV[2]), tonumber(ARGV[3])
local page = {}
for _, id in ipairs(redis.call('ZRANGEBYLEX', ids, ARGV[1], '+', 'LIMIT', 0, limit + 1)) do
  if #page == limit or budget <= 0 then
    return {page, 1}
  end
  local found = record(id)
  page[#page + 1] = found
  budget = budget - #found[3]
end
return {page, 0}
`);

/** ARGV: id. */
export const remove = script(`
local id = ARGV[1]
local name = redis.call('HGET', names, id)
if name then
  redis.call('HDEL', holders, name)
end
redis.call('HDEL', names, id)
redis.call('HDEL', bodies, id)
redis.call('HDEL', dates, id)
return redis.call('ZREM', ids, id)
`);
