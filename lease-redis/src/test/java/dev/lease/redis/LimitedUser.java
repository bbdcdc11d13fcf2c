package dev.lease.redis;

import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;

/** A user of a server who may do all with all keys, but for what a test takes away. */
final class LimitedUser {

  private LimitedUser() {}

  /** Takes a right away. */
  interface Limit {
    AclSetuserArgs of(AclSetuserArgs all);
  }

  /** Makes the user, and returns the URI of the server for it. */
  static String of(RedisProcess server, Limit limit) {
    AclSetuserArgs all =
        AclSetuserArgs.Builder.on().addPassword("secret").allKeys().allChannels().allCommands();
    try (var client = RedisClient.create(server.uri())) {
      client.connect().sync().aclSetuser("limited", limit.of(all));
    }
    return of(server.uri());
  }

  /** The URI of a server, or of a cluster, for the user that it has. */
  static String of(String uri) {
    return uri.replace("//", "//limited:secret@");
  }
}
