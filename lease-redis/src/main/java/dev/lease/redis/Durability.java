package dev.lease.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.IntegerListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * How safe a write must be before its call returns.
 *
 * @param replicas how many replicas must have it
 * @param onDisk whether it must be on the disk of the server and of these replicas
 */
record Durability(int replicas, boolean onDisk) {

  /** WAITAOF, which Lettuce does not have. */
  private static final ProtocolKeyword WAIT_AOF =
      new ProtocolKeyword() {
        @Override
        public byte[] getBytes() {
          return toString().getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String toString() {
          return "WAITAOF";
        }
      };

  /**
   * What has been confirmed.
   *
   * @param disks 1 if it is on the disk of the server, else 0
   * @param replicas how many replicas have it, on their disks if they must
   */
  record Confirmed(long disks, long replicas) {}

  boolean isAsked() {
    return replicas > 0 || onDisk;
  }

  /** The command that asks the server. */
  String command() {
    return onDisk ? WAIT_AOF.toString() : "WAIT";
  }

  boolean isMetBy(Confirmed confirmed) {
    return confirmed.replicas >= replicas && (!onDisk || confirmed.disks > 0);
  }

  /** What is missing, for a message. */
  String missing(Confirmed confirmed) {
    String ofReplicas = "%d of %d replicas".formatted(confirmed.replicas, replicas);
    String ofDisk = confirmed.disks > 0 ? "its disk" : "not its disk";
    if (!onDisk) {
      return ofReplicas;
    }
    return replicas == 0 ? ofDisk : ofDisk + " and " + ofReplicas;
  }

  /**
   * Asks a server what has been confirmed of all that was written on a connection. The server
   * answers when it is enough, or the time is over; until then that connection does nothing else.
   */
  CompletionStage<Confirmed> ask(
      RedisClusterAsyncCommands<String, String> connection, Duration patience) {
    long millis = Math.max(1, patience.toMillis());
    if (!onDisk) {
      return connection.waitForReplication(replicas, millis).thenApply(it -> new Confirmed(0, it));
    }
    return connection
        .dispatch(
            WAIT_AOF,
            new IntegerListOutput<>(StringCodec.UTF8),
            new CommandArgs<>(StringCodec.UTF8).add(1).add(replicas).add(millis))
        .thenApply((List<Long> it) -> new Confirmed(it.get(0), it.get(1)));
  }
}
