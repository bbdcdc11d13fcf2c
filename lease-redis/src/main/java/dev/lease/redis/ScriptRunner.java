package dev.lease.redis;

import dev.lease.StoreException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a call runs on the server, or on the nodes of a cluster: its time limit, and what becomes of
 * its errors.
 *
 * <p>Nothing that may have been done is sent once more: a claim or an acquire that is sent twice
 * takes twice [policy 6]. What a node refused, since it has not got the slot, is sent to the one
 * that has it.
 */
final class ScriptRunner implements AutoCloseable {

  private static final String MOVED = "MOVED";
  private static final String ASK = "ASK";

  /** A slot is on its way to another node, with some of the keys here and some there. */
  private static final String TRY_AGAIN = "TRYAGAIN";

  /**
   * What Redis tells a script at its first write, or not at all: that its memory is full, that it
   * has too few replicas, or that it cannot write to its disk.
   */
  private static final List<String> REFUSALS =
      List.of("OOM command not allowed", "NOREPLICAS ", "MISCONF ");

  /** What a script says of a job that a later version of Lease has written. */
  private static final String LATER = "LATER";

  private static final long TRY_AGAIN_MILLIS = 10;

  /** Whose keys are at hand. */
  private static final int MOST_QUEUES = 1_000;

  private final Topology topology;
  private final Duration timeout;
  private final Scripts scripts;
  private final Keys keys;
  private final Map<Script, Map<String, ScriptArgs.EncodedKeys>> keysOfQueues =
      new EnumMap<>(Script.class);
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private volatile boolean closed;

  ScriptRunner(Topology topology, Duration timeout, Scripts scripts, Keys keys) {
    this.topology = topology;
    this.timeout = timeout;
    this.scripts = scripts;
    this.keys = keys;
    for (Script script : Script.values()) {
      keysOfQueues.put(script, new ConcurrentHashMap<>());
    }
  }

  /** What is asked of the node that has a key. */
  private record Request<T>(
      Node.Lane lane, String key, Function<NodeConnection.Link, CompletionStage<T>> send) {}

  /** One script with what it works on. */
  record Run(Script script, ScriptArgs.EncodedKeys keys, List<String> args) {
    long chars() {
      long chars = 0;
      for (String arg : args) {
        chars += arg.length();
      }
      return chars;
    }
  }

  /** What a script does to the named leases. */
  static Run onLeases(Script script, List<String> keys, Object... args) {
    return new Run(script, new ScriptArgs.EncodedKeys(keys), texts(args));
  }

  /** What a script does to a queue. */
  Run onQueue(String queue, Script script, Object... args) {
    return onQueue(queue, script, texts(args));
  }

  Run onQueue(String queue, Script script, List<String> args) {
    return new Run(script, keysOf(queue, script), args);
  }

  private ScriptArgs.EncodedKeys keysOf(String queue, Script script) {
    Map<String, ScriptArgs.EncodedKeys> ofScript = Objects.requireNonNull(keysOfQueues.get(script));
    ScriptArgs.EncodedKeys known = ofScript.get(queue);
    if (known == null) {
      if (ofScript.size() >= MOST_QUEUES) {
        ofScript.clear();
      }
      known = new ScriptArgs.EncodedKeys(keys.ofQueue(queue, scripts.keys(script)));
      ofScript.put(queue, known);
    }
    return known;
  }

  private static List<String> texts(Object[] args) {
    List<String> texts = new ArrayList<>(args.length);
    for (Object arg : args) {
      texts.add(arg.toString());
    }
    return texts;
  }

  /** Runs a script. */
  Reply run(String what, Run run) {
    return call(what, List.of(request(run, run.script.lane()))).get(0);
  }

  /**
   * Sends scripts together, and waits for the answers of all; those with much to say one after the
   * other, so that no more is on its way than a server takes well.
   */
  List<Reply> run(String what, List<Run> runs) {
    if (runs.size() == 1) {
      return List.of(run(what, runs.get(0)));
    }
    List<Reply> replies = new ArrayList<>();
    while (replies.size() < runs.size()) {
      List<Run> together = together(runs.subList(replies.size(), runs.size()));
      try {
        replies.addAll(call(what, requests(together)));
      } catch (StoreException e) {
        throw replies.isEmpty()
            ? e
            : StoreException.outcomeUnknown(String.valueOf(e.getMessage()), e);
      }
    }
    return replies;
  }

  private static List<Run> together(List<Run> runs) {
    int number = 1;
    long chars = runs.get(0).chars();
    while (number < runs.size() && chars + runs.get(number).chars() <= ScriptBatches.MOST_CHARS) {
      chars += runs.get(number).chars();
      number++;
    }
    return runs.subList(0, number);
  }

  /** All on one lane of a node, so that a claim sees what was settled before it. */
  private List<Request<Reply>> requests(List<Run> runs) {
    boolean urgent = runs.stream().allMatch(run -> run.script.lane() == Node.Lane.URGENT);
    Node.Lane lane = urgent ? Node.Lane.URGENT : Node.Lane.NORMAL;
    return runs.stream().map(run -> request(run, lane)).toList();
  }

  private Request<Reply> request(Run run, Node.Lane lane) {
    return new Request<>(lane, run.keys.first(), link -> send(link, run));
  }

  /**
   * Sends scripts together, each for itself: where a node does not answer, the answers of its
   * scripts are empty. It fails if no node answers.
   */
  List<Reply> runEach(String what, List<Run> runs) {
    if (runs.size() == 1) {
      return run(what, runs);
    }
    calls.readLock().lock();
    try {
      checkOpen();
      long start = System.nanoTime();
      List<Request<Reply>> requests = requests(runs);
      List<CompletableFuture<Reply>> answers =
          requests.stream().map(request -> send(request, start)).toList();
      Throwable failed = failed(answers, requests, start);
      if (failed != null && answers.stream().noneMatch(ScriptRunner::isAnswered)) {
        throw failure(what, false, failed);
      }
      return answers.stream()
          .map(answer -> isAnswered(answer) ? answer.join() : new Reply(List.of()))
          .toList();
    } finally {
      calls.readLock().unlock();
    }
  }

  private static boolean isAnswered(CompletableFuture<?> answer) {
    return answer.isDone() && !answer.isCompletedExceptionally();
  }

  /** Waits for all answers. Returns why one is missing, or null. */
  private <T> @Nullable Throwable failed(
      List<CompletableFuture<T>> answers, List<Request<T>> requests, long start) {
    try {
      await(answers, start);
      return null;
    } catch (ExecutionException e) {
      topology.lookAgain();
      return unwrapped(e);
    } catch (TimeoutException e) {
      dropSilent(answers, requests, start);
      topology.lookAgain();
      return e;
    }
  }

  /** Gives up the connections on which an answer is missing, and no other came either. */
  private <T> void dropSilent(
      List<CompletableFuture<T>> answers, List<Request<T>> requests, long start) {
    for (int i = 0; i < answers.size(); i++) {
      if (!answers.get(i).isDone()) {
        var unused =
            connectionOf(requests.get(i))
                .thenAccept(connection -> connection.dropIfSilentSince(start));
      }
    }
  }

  /** Runs a command that is no script, on the node that has a key. */
  <T> T command(
      String what,
      String key,
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    return call(
            what,
            List.of(new Request<>(Node.Lane.NORMAL, key, link -> command.apply(link.commands()))))
        .get(0);
  }

  /**
   * Runs a command on all nodes that there are.
   *
   * @return what came of it by the address of the node, all complete
   */
  <T> Map<String, CompletableFuture<T>> commandOnAll(
      String what,
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    CompletableFuture<Map<String, Node>> nodes = topology.nodes();
    Map<String, CompletableFuture<T>> answers = new TreeMap<>();
    try {
      await(List.of(nodes), System.nanoTime());
      nodes
          .join()
          .forEach(
              (address, node) ->
                  answers.put(
                      address,
                      node.connection(Node.Lane.NORMAL)
                          .send(link -> command.apply(link.commands()))
                          .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)));
      return CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new))
          .handle((done, e) -> answers)
          .join();
    } catch (ExecutionException | TimeoutException e) {
      throw StoreException.notDone("could not " + what + ": no nodes: " + reason(e), unwrapped(e));
    }
  }

  /**
   * Sends a script: in full the first time, later by its SHA, and in full again where the server
   * does not know that, which may be new, or may have forgotten it.
   */
  private CompletionStage<Reply> send(NodeConnection.Link link, Run run) {
    Scripts.Text text = scripts.text(run.script);
    if (link.sent().add(text.sha())) {
      return inFull(link, text, run);
    }
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    var unused =
        link.send(CommandType.EVALSHA, new ScriptArgs(text.sha(), run.keys, run.args))
            .whenComplete(
                (values, e) -> {
                  if (e == null) {
                    answer.complete(new Reply(values));
                  } else if (unwrapped(e) instanceof RedisNoScriptException) {
                    follow(inFull(link, text, run), answer);
                  } else {
                    answer.completeExceptionally(e);
                  }
                });
    return answer;
  }

  private static CompletableFuture<Reply> inFull(
      NodeConnection.Link link, Scripts.Text text, Run run) {
    return link.send(CommandType.EVAL, new ScriptArgs(text.lua(), run.keys, run.args))
        .thenApply(Reply::new);
  }

  /**
   * Waits for the answer to a script that goes together with those of others, or in its place.
   *
   * @param begin has it sent, by {@link #send(Run)}, now or later
   */
  Reply runTogether(String what, Run run, Supplier<CompletableFuture<Reply>> begin) {
    return call(what, List.of(request(run, run.script.lane())), start -> List.of(begin.get()))
        .get(0);
  }

  /** Sends a script for those who wait in {@link #runTogether}, whose time limits count. */
  CompletableFuture<Reply> send(Run run) {
    return send(request(run, run.script.lane()), System.nanoTime());
  }

  private <T> List<T> call(String what, List<Request<T>> requests) {
    return call(what, requests, start -> sendAll(requests, start));
  }

  private <T> List<CompletableFuture<T>> sendAll(List<Request<T>> requests, long start) {
    List<CompletableFuture<T>> answers = new ArrayList<>(requests.size());
    for (Request<T> request : requests) {
      answers.add(send(request, start));
    }
    return answers;
  }

  /**
   * Makes a call of requests.
   *
   * @param begin has them sent, once all can be reached; of the time it gets the limit counts
   */
  private <T> List<T> call(
      String what, List<Request<T>> requests, LongFunction<List<CompletableFuture<T>>> begin) {
    calls.readLock().lock();
    try {
      checkOpen();
      long start = System.nanoTime();
      connect(what, requests, start);
      List<CompletableFuture<T>> answers = begin.apply(start);
      try {
        return await(answers, start);
      } catch (TimeoutException e) {
        dropSilent(answers, requests, start);
        topology.lookAgain();
        throw StoreException.outcomeUnknown(
            "could not %s: no answer within %s".formatted(what, timeout), e);
      } catch (ExecutionException e) {
        throw failure(what, requests.size() == 1, unwrapped(e));
      }
    } finally {
      calls.readLock().unlock();
    }
  }

  /** Connects the connections of all requests that are not: if one cannot be, nothing is sent. */
  private <T> void connect(String what, List<Request<T>> requests, long start) {
    for (Request<T> request : requests) {
      if (!isConnected(request)) {
        connectAll(what, requests, start);
        return;
      }
    }
  }

  private boolean isConnected(Request<?> request) {
    CompletableFuture<Node> node = topology.nodeOf(request.key);
    return isAnswered(node) && node.join().connection(request.lane).isOpen();
  }

  private <T> void connectAll(String what, List<Request<T>> requests, long start) {
    String message = "could not " + what + ": ";
    try {
      List<NodeConnection> connections =
          await(requests.stream().map(this::connectionOf).toList(), start).stream()
              .distinct()
              .toList();
      try {
        await(connections.stream().map(NodeConnection::link).toList(), start);
      } catch (TimeoutException e) {
        connections.forEach(connection -> connection.dropIfSilentSince(start));
        throw e;
      }
    } catch (TimeoutException e) {
      topology.lookAgain();
      throw StoreException.notDone(message + "no connection within " + timeout, e);
    } catch (ExecutionException e) {
      topology.lookAgain();
      Throwable cause = unwrapped(e);
      throw StoreException.notDone(message + "no connection: " + reason(cause), cause);
    }
  }

  private <T> List<T> await(List<CompletableFuture<T>> futures, long start)
      throws ExecutionException, TimeoutException {
    if (futures.size() == 1) {
      return Collections.singletonList(await(futures.get(0), start));
    }
    await(CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)), start);
    return futures.stream().map(CompletableFuture::join).toList();
  }

  /** Waits also on a thread that is interrupted, since the answer comes soon or never [L24]. */
  private <T> T await(CompletableFuture<T> future, long start)
      throws ExecutionException, TimeoutException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get(timeout.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private CompletableFuture<NodeConnection> connectionOf(Request<?> request) {
    return topology.nodeOf(request.key).thenApply(node -> node.connection(request.lane));
  }

  private <T> CompletableFuture<T> send(Request<T> request, long start) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    var unused =
        connectionOf(request)
            .thenCompose(connection -> connection.send(request.send))
            .whenComplete(
                (value, e) -> {
                  if (e == null) {
                    answer.complete(value);
                  } else {
                    follow(refused(request, e, start), answer);
                  }
                });
    return answer;
  }

  /** Answers with what comes of something else. */
  static <T> void follow(CompletableFuture<T> attempt, CompletableFuture<T> answer) {
    var unused =
        attempt.whenComplete(
            (value, e) -> {
              if (e == null) {
                answer.complete(value);
              } else {
                answer.completeExceptionally(e);
              }
            });
  }

  /** Sends what a node refused without having done it to where it belongs, until time is up. */
  private <T> CompletableFuture<T> refused(Request<T> request, Throwable e, long start) {
    boolean asks = isRefused(e, ASK);
    boolean isElsewhere = asks || isRefused(e, MOVED);
    if (!isElsewhere && !isRefused(e, TRY_AGAIN)) {
      return CompletableFuture.failedFuture(e);
    }
    if (System.nanoTime() - start > timeout.toNanos()) {
      return CompletableFuture.failedFuture(e);
    }
    Node node = isElsewhere ? topology.redirected(reason(e)) : null;
    if (!asks || node == null) {
      return later(() -> send(request, start));
    }
    return node.connection(request.lane)
        .send(
            link -> {
              // In full: that a script is not known would be said to one command, and the next
              // would not be asking any more.
              link.sent().clear();
              // Where another's command comes between, this one is refused once more.
              var unused = link.commands().asking();
              return request.send.apply(link);
            })
        .exceptionallyCompose(again -> refused(request, again, start));
  }

  private static <T> CompletableFuture<T> later(Supplier<CompletableFuture<T>> task) {
    return new CompletableFuture<@Nullable Void>()
        .completeOnTimeout(null, TRY_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
        .thenCompose(passed -> task.get());
  }

  private StoreException failure(String what, boolean single, Throwable cause) {
    String message = "could not " + what + ": " + reason(cause);
    boolean refused = cause instanceof RedisCommandExecutionException;
    if (!refused || isRefused(cause, "CLUSTERDOWN")) {
      topology.lookAgain();
    }
    // An error inside a script leaves what the script had written before.
    boolean undone =
        refused
            ? isReadOnly(cause) || isRefused(cause, LATER) || !isInsideScript(cause)
            : cause instanceof NodeConnection.NoConnection;
    return single && undone
        ? StoreException.notDone(message, cause)
        : StoreException.outcomeUnknown(message, cause);
  }

  /** What a replica says, on Redis 6.2 within what it says of the script. */
  static boolean isReadOnly(Throwable refusal) {
    return String.valueOf(refusal.getMessage()).contains("READONLY ");
  }

  private static boolean isInsideScript(Throwable refusal) {
    String message = String.valueOf(refusal.getMessage());
    return REFUSALS.stream().noneMatch(message::contains)
        && (message.contains("user_script") || message.contains("script: "));
  }

  static boolean isRefused(Throwable e, String code) {
    return String.valueOf(unwrapped(e).getMessage()).startsWith(code);
  }

  static Throwable unwrapped(Throwable e) {
    Throwable cause = e;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  static String reason(Throwable e) {
    Throwable cause = unwrapped(e);
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.toString() : message.lines().findFirst().orElse("");
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the backend is closed");
    }
  }

  /** Refuses new calls, and waits for those under way. */
  @Override
  public void close() {
    closed = true;
    boolean quiet = false;
    try {
      quiet = calls.writeLock().tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      topology.close();
    } finally {
      if (quiet) {
        calls.writeLock().unlock();
      }
    }
  }
}
