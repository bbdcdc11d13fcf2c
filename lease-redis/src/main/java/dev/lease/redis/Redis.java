package dev.lease.redis;

import dev.lease.StoreException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a call runs on the server: its connection, its time limit, and what becomes of its errors.
 *
 * <p>All calls go on one connection, which is made anew by the next call when it has broken.
 * Lettuce's own way of reconnecting would send once more what was on its way, and a claim or an
 * acquire that is sent twice takes twice [policy 6].
 */
final class Redis implements AutoCloseable {

  /** Refusals that pass: a slot is on its way to another node. */
  private static final String TRY_AGAIN = "TRYAGAIN";

  private static final long TRY_AGAIN_MILLIS = 10;

  private final Clients clients;
  private final Duration timeout;
  private final Scripts scripts;
  private final Keys keys;
  private final ReentrantLock connecting = new ReentrantLock();
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private final AtomicReference<Clients.@Nullable Link> link = new AtomicReference<>();
  private volatile long lastAnswer = System.nanoTime();
  private volatile boolean closed;

  Redis(Clients clients, Duration timeout, Scripts scripts, Keys keys) {
    this.clients = clients;
    this.timeout = timeout;
    this.scripts = scripts;
    this.keys = keys;
  }

  /** One script with what it works on. */
  record Run(Script script, List<String> keys, List<String> args) {}

  /** What a script does to the named leases. */
  static Run run(Script script, List<String> keys, Object... args) {
    return new Run(script, keys, texts(args));
  }

  /** What a script does to a queue. */
  Run onQueue(String queue, Script script, Object... args) {
    return onQueue(queue, script, texts(args));
  }

  Run onQueue(String queue, Script script, List<String> args) {
    return new Run(script, keys.ofQueue(queue, scripts.keys(script)), args);
  }

  private static List<String> texts(Object[] args) {
    return Arrays.stream(args).map(Object::toString).toList();
  }

  /** Runs a script. */
  Reply run(String what, Run run) {
    return run(what, List.of(run)).get(0);
  }

  /** Sends scripts together, and waits for the answers of all. */
  List<Reply> run(String what, List<Run> runs) {
    return call(
        what,
        runs.size() == 1,
        current -> {
          long deadline = System.nanoTime() + timeout.toNanos();
          List<CompletableFuture<Reply>> answers =
              runs.stream().map(run -> send(current, run, deadline)).toList();
          return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
              .thenApply(all -> answers.stream().map(CompletableFuture::join).toList());
        });
  }

  /** Runs a command that is no script. */
  <T> T command(
      String what,
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    return call(what, true, current -> command.apply(current.commands()).toCompletableFuture());
  }

  /**
   * Sends a script: in full the first time, later by its SHA, and in full again where the server
   * does not know that, which may be new, or may have forgotten it.
   */
  private CompletableFuture<Reply> send(Clients.Link current, Run run, long deadline) {
    String[] keys = run.keys.toArray(String[]::new);
    String[] args = run.args.toArray(String[]::new);
    Scripts.Text text = scripts.text(run.script);
    var commands = current.commands();
    CompletionStage<List<@Nullable Object>> answer =
        current.sent().add(text.sha())
            ? commands.eval(text.lua(), ScriptOutputType.MULTI, keys, args)
            : commands.evalsha(text.sha(), ScriptOutputType.MULTI, keys, args);
    return answer
        .toCompletableFuture()
        .exceptionallyCompose(
            e ->
                unwrapped(e) instanceof RedisNoScriptException
                    ? commands.eval(text.lua(), ScriptOutputType.MULTI, keys, args)
                    : CompletableFuture.failedFuture(e))
        .thenApply(Reply::new)
        .exceptionallyCompose(
            e ->
                isRefused(e, TRY_AGAIN) && System.nanoTime() - deadline < 0
                    ? later(() -> send(current, run, deadline))
                    : CompletableFuture.failedFuture(e));
  }

  private static CompletableFuture<Reply> later(Supplier<CompletableFuture<Reply>> task) {
    return new CompletableFuture<@Nullable Void>()
        .completeOnTimeout(null, TRY_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
        .thenCompose(passed -> task.get());
  }

  private <T> T call(
      String what, boolean single, Function<Clients.Link, CompletableFuture<T>> send) {
    calls.readLock().lock();
    try {
      checkOpen();
      long start = System.nanoTime();
      long deadline = start + timeout.toNanos();
      Clients.Link current = connected(what, deadline);
      try {
        T answer = send.apply(current).get(nanosTo(deadline), TimeUnit.NANOSECONDS);
        lastAnswer = System.nanoTime();
        return answer;
      } catch (TimeoutException e) {
        if (lastAnswer - start < 0) {
          drop(current);
        }
        throw StoreException.outcomeUnknown(
            "could not %s: no answer within %s".formatted(what, timeout), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw StoreException.outcomeUnknown("could not " + what + ": interrupted", e);
      } catch (ExecutionException | RedisException e) {
        throw failure(what, single, current, unwrapped(e));
      }
    } finally {
      calls.readLock().unlock();
    }
  }

  private StoreException failure(
      String what, boolean single, Clients.Link current, Throwable cause) {
    String message = "could not " + what + ": " + reason(cause);
    if (cause instanceof RedisCommandExecutionException refusal) {
      lastAnswer = System.nanoTime();
      if (isStale(refusal)) {
        drop(current);
      }
      // An error inside a script leaves what the script had written before.
      return single && !isInsideScript(refusal)
          ? StoreException.notDone(message, refusal)
          : StoreException.outcomeUnknown(message, refusal);
    }
    drop(current);
    return StoreException.outcomeUnknown(message, cause);
  }

  /** A master that is none any more, or a cluster that has changed: to be looked at anew. */
  private static boolean isStale(Throwable refusal) {
    return isRefused(refusal, "READONLY") || isRefused(refusal, "CLUSTERDOWN");
  }

  private static boolean isInsideScript(Throwable refusal) {
    String message = String.valueOf(refusal.getMessage());
    // Of a full memory Redis tells a script at its first write, or not at all.
    return !message.contains("OOM command not allowed")
        && (message.contains("user_script") || message.contains("script: "));
  }

  private static boolean isRefused(Throwable e, String code) {
    return String.valueOf(unwrapped(e).getMessage()).startsWith(code);
  }

  private static Throwable unwrapped(Throwable e) {
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
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
  }

  private static long nanosTo(long deadline) {
    return Math.max(0, deadline - System.nanoTime());
  }

  private Clients.Link connected(String what, long deadline) {
    Clients.Link current = link.get();
    if (current != null && current.connection().isOpen()) {
      return current;
    }
    try {
      if (!connecting.tryLock(nanosTo(deadline), TimeUnit.NANOSECONDS)) {
        throw StoreException.notDone("could not " + what + ": no connection", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StoreException.notDone("could not " + what + ": interrupted", e);
    }
    try {
      current = link.get();
      if (current == null || !current.connection().isOpen()) {
        drop(current);
        current = connect(deadline);
        link.set(current);
      }
      return current;
    } catch (ExecutionException | TimeoutException | RedisException e) {
      throw StoreException.notDone(
          "could not " + what + ": no connection: " + reason(e), unwrapped(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StoreException.notDone("could not " + what + ": interrupted", e);
    } finally {
      connecting.unlock();
    }
  }

  /** Connects, and leaves no connection behind that is made too late. */
  private Clients.Link connect(long deadline)
      throws ExecutionException, InterruptedException, TimeoutException {
    CompletableFuture<Clients.Link> made = clients.connect();
    try {
      return made.get(nanosTo(deadline), TimeUnit.NANOSECONDS);
    } catch (InterruptedException | TimeoutException e) {
      var unused = made.thenAccept(this::drop);
      throw e;
    }
  }

  private void drop(Clients.@Nullable Link broken) {
    if (broken != null) {
      link.compareAndSet(broken, null);
      var unused = broken.connection().closeAsync();
    }
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
      drop(link.get());
      clients.close();
    } finally {
      if (quiet) {
        calls.writeLock().unlock();
      }
    }
  }
}
