package dev.lease.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.IntegerListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * How safe a write must be before its call returns.
 *
 * @param replicas how many replicas must have it
 * @param onDisk whether it must be on the disk of the server
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
   * @param replicas how many replicas have it; 0 if none were asked for
   * @param onDisk whether it is on the disk of the server; false if that was not asked for
   */
  record Confirmed(long replicas, boolean onDisk) {}

  boolean isAsked() {
    return replicas > 0 || onDisk;
  }

  boolean isMetBy(Confirmed confirmed) {
    return confirmed.replicas >= replicas && (!onDisk || confirmed.onDisk);
  }

  /** Where a write is, of what was asked for, for a message. */
  String told(Confirmed confirmed) {
    String ofReplicas = "on %d of %d replicas".formatted(confirmed.replicas, replicas);
    String ofDisk = confirmed.onDisk ? "on the disk" : "not on the disk";
    if (!onDisk) {
      return ofReplicas;
    }
    return replicas == 0 ? ofDisk : ofReplicas + " and " + ofDisk;
  }

  /**
   * Asks a server what has been confirmed of all that was written on a connection. The server
   * answers when it is enough, or the time is over; until then that connection does nothing else.
   *
   * @param patience how long the server may wait, at least a millisecond
   */
  CompletionStage<Confirmed> ask(
      RedisClusterAsyncCommands<String, String> connection, Duration patience) {
    // WAITAOF can wait for the disks of replicas, too, but these tell only once a second.
    CompletionStage<Boolean> disk =
        onDisk ? askDisk(connection, patience) : CompletableFuture.completedFuture(false);
    Deadline deadline = Deadline.of(patience);
    return disk.thenCompose(
        isOnDisk ->
            askReplicas(connection, deadline.remaining())
                .thenApply(had -> new Confirmed(had, isOnDisk)));
  }

  private CompletionStage<Long> askReplicas(
      RedisClusterAsyncCommands<String, String> connection, Duration patience) {
    return replicas > 0
        ? connection.waitForReplication(replicas, patience.toMillis())
        : CompletableFuture.completedFuture(0L);
  }

  private static CompletionStage<Boolean> askDisk(
      RedisClusterAsyncCommands<String, String> connection, Duration patience) {
    return connection
        .dispatch(
            WAIT_AOF,
            new IntegerListOutput<>(StringCodec.UTF8),
            new CommandArgs<>(StringCodec.UTF8).add(1).add(0).add(patience.toMillis()))
        .thenApply(disksAndReplicas -> disksAndReplicas.get(0) > 0);
  }
}
