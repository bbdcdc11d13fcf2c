package dev.lease.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A connection to a server that scripts run on. Once it breaks, it stays broken. */
final class ScriptConnection {

  private final StatefulRedisConnection<String, String> connection;

  /** The SHAs of the scripts that were sent in full on this connection. */
  private final Set<String> sent = ConcurrentHashMap.newKeySet();

  private final Confirmations confirmations;

  ScriptConnection(StatefulRedisConnection<String, String> connection) {
    this.connection = connection;
    this.confirmations = new Confirmations(connection);
  }

  boolean isOpen() {
    return connection.isOpen();
  }

  CompletableFuture<Void> close() {
    return connection.closeAsync();
  }

  /** The commands that are not scripts. */
  RedisAsyncCommands<String, String> commands() {
    return connection.async();
  }

  /**
   * Runs a script. The first time it is sent in full, later by its SHA. It is sent in full again if
   * the server does not know the SHA: it may be a new server, or may have forgotten the script.
   */
  CompletableFuture<Reply> run(Scripts.Text text, ScriptCall call) {
    if (sent.add(text.sha())) {
      return sendInFull(text, call);
    }
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    var unused =
        send(CommandType.EVALSHA, text.sha(), call)
            .whenComplete(
                (values, e) -> {
                  if (e == null) {
                    answer.complete(new Reply(values));
                  } else if (RedisErrors.unwrapped(e) instanceof RedisNoScriptException) {
                    Futures.forward(sendInFull(text, call), answer);
                  } else {
                    answer.completeExceptionally(e);
                  }
                });
    return answer;
  }

  /**
   * Asks the server whether what scripts have written on this connection is safe.
   *
   * @param deadline that of the call that waits for the answer
   * @return fails with {@link NotConfirmedException} if it is not
   */
  CompletableFuture<Void> confirm(Durability durability, Deadline deadline) {
    return confirmations.confirm(durability, deadline);
  }

  /** The same, once for several calls: with their deadlines, and an answer for each. */
  List<CompletableFuture<Void>> confirm(Durability durability, List<Deadline> deadlines) {
    return confirmations.confirm(durability, deadlines);
  }

  /** Makes the next run of each script send it in full. */
  void forgetSent() {
    sent.clear();
  }

  private CompletableFuture<Reply> sendInFull(Scripts.Text text, ScriptCall call) {
    return send(CommandType.EVAL, text.lua(), call).thenApply(Reply::new);
  }

  private CompletableFuture<List<Object>> send(CommandType type, String script, ScriptCall call) {
    var command =
        new AsyncCommand<>(
            new Command<>(
                type,
                new NestedMultiOutput<>(Texts.CODEC),
                new ScriptArgs(script, call.keys(), call.args())));
    connection.dispatch(command);
    return command;
  }
}
