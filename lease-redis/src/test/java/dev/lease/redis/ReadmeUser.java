package dev.lease.redis;

import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The user with the fewest rights, as README.md tells operators to make it. */
final class ReadmeUser {

  /** One command of the page. It goes on in the next line after a backslash. */
  private static final Pattern COMMAND = Pattern.compile("(?m)^redis-cli ACL ((?:.*\\\\\n)*.*)$");

  private ReadmeUser() {}

  /** The words after ACL: first those for any server, then those that a cluster needs as well. */
  static List<List<String>> commands() {
    List<List<String>> commands = new ArrayList<>();
    try {
      Matcher found = COMMAND.matcher(Files.readString(Path.of("README.md")));
      while (found.find()) {
        commands.add(List.of(found.group(1).replaceAll("[\\\\']", "").trim().split("\\s+")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return commands;
  }

  /** Makes the user on a server, for the keys of tests instead of those of the default prefix. */
  static void make(RedisProcess server, List<List<String>> commands) {
    try (var client = RedisClient.create(server.uri())) {
      var redis = client.connect().sync();
      for (List<String> command : commands) {
        var args = new CommandArgs<>(StringCodec.UTF8);
        command.forEach(word -> args.add(word.replace("lease:*", "test-*")));
        redis.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), args);
      }
    }
  }

  /** The address of a server for this user. */
  static String uri(String uri) {
    return uri.replace("redis://", "redis://lease:SECRET@");
  }
}
