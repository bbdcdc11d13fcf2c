package dev.lease.examples.benchmark;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A minimal queue in Redis: a sorted set, a string for each job, leases without attempts. */
final class RawRedis implements Raw {

  private static final String[] KEY = {"raw"};

  private static final String ENQUEUE =
      """
      local places = {}
      for i = 1, #ARGV, 2 do
        redis.call('SET', KEYS[1] .. ':' .. ARGV[i], ARGV[i + 1])
        places[#places + 1] = 0
        places[#places + 1] = ARGV[i]
      end
      redis.call('ZADD', KEYS[1], unpack(places))
      return {#ARGV / 2}
      """;

  private static final String TURN =
      """
      for i = 2, #ARGV do
        if redis.call('ZREM', KEYS[1] .. ':held', ARGV[i]) == 1 then
          redis.call('UNLINK', KEYS[1] .. ':' .. ARGV[i])
        end
      end
      local popped = redis.call('ZPOPMIN', KEYS[1], ARGV[1])
      local keys, holds, answer = {}, {}, {}
      for i = 1, #popped, 2 do
        keys[#keys + 1] = KEYS[1] .. ':' .. popped[i]
        holds[#holds + 1] = 1
        holds[#holds + 1] = popped[i]
      end
      if #keys > 0 then
        redis.call('ZADD', KEYS[1] .. ':held', unpack(holds))
        local bodies = redis.call('MGET', unpack(keys))
        for i, body in ipairs(bodies) do
          answer[#answer + 1] = popped[2 * i - 1]
          answer[#answer + 1] = body
        end
      end
      return answer
      """;

  private final RedisClient client;

  RawRedis(Target target) {
    client = RedisClient.create(target.url());
  }

  @Override
  public void setUp() {
    // There are no tables.
  }

  @Override
  public Turn enqueue(int batch) {
    RedisCommands<String, String> redis = client.connect().sync();
    String script = redis.scriptLoad(ENQUEUE);
    return () -> {
      List<String> arguments = new ArrayList<>(2 * batch);
      for (int i = 0; i < batch; i++) {
        arguments.add(UUID.randomUUID().toString());
        arguments.add(Raw.payload(i));
      }
      redis.evalsha(script, ScriptOutputType.MULTI, KEY, arguments.toArray(String[]::new));
      return batch;
    };
  }

  @Override
  public Turn drain(int batch) {
    RedisCommands<String, String> redis = client.connect().sync();
    String script = redis.scriptLoad(TURN);
    List<String> arguments = new ArrayList<>(List.of(Integer.toString(batch)));
    return () -> {
      List<Object> answer =
          redis.evalsha(script, ScriptOutputType.MULTI, KEY, arguments.toArray(String[]::new));
      arguments.subList(1, arguments.size()).clear();
      for (int i = 0; i < answer.size(); i += 2) {
        arguments.add(answer.get(i).toString());
      }
      return answer.size() / 2;
    };
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
