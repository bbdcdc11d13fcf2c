package dev.lease.redis;

import dev.lease.Limits;
import dev.lease.StoreClosedException;
import dev.lease.StoreException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts and commands on the server, or on the nodes of a cluster. It limits the time of each
 * call. Its exceptions say whether anything may have been done.
 */
final class ScriptRunner implements EnqueueBatcher.Runner, AutoCloseable {

  /** The time limit of the call that a thread makes, where that may take several trips. */
  private static final ThreadLocal<@Nullable Deadline> OF_CALL = new ThreadLocal<>();

  /** A server that is well may need so long on a machine with much to do. */
  private static final Duration LEAST_KEEPING = Duration.ofSeconds(1);

  private final Topology topology;
  private final RequestRouter router;
  private final Duration timeout;
  private final Durability durability;
  private final Scripts scripts;
  private final ScriptCallFactory factory;

  /** Calls hold the read lock, so that a close can wait for them. */
  private final ReadWriteLock underWay = new ReentrantReadWriteLock();

  private volatile boolean closed;

  ScriptRunner(
      Topology topology, Duration timeout, Durability durability, Scripts scripts, Keys keys) {
    this.topology = topology;
    this.router = new RequestRouter(topology);
    this.timeout = timeout;
    this.durability = durability;
    this.scripts = scripts;
    this.factory = new ScriptCallFactory(scripts, keys);
  }

  ScriptCall onQueue(String queue, Script script, Object... args) {
    return factory.onQueue(queue, script, ScriptCallFactory.texts(args));
  }

  @Override
  public ScriptCall onQueue(String queue, Script script, List<String> args) {
    return factory.onQueue(queue, script, args);
  }

  @Override
  public Reply run(String what, ScriptCall call) {
    return call(what, List.of(request(call))).get(0);
  }

  /** Runs a further script of a call. If it fails, the call has done a part all the same. */
  Reply goOn(String what, ScriptCall call) {
    try {
      return run(what, call);
    } catch (StoreException e) {
      throw afterAPart(e);
    }
  }

  /** Of what was asked for, a part may be done. */
  static StoreException afterAPart(StoreException e) {
    return StoreException.outcomeUnknown(String.valueOf(e.getMessage()), e);
  }

  /**
   * Sends scripts together and waits for all answers. Scripts with large arguments are sent one
   * after the other, so that a server never gets too much at a time.
   */
  List<Reply> run(String what, List<ScriptCall> calls) {
    if (calls.size() == 1) {
      return List.of(run(what, calls.get(0)));
    }
    List<Reply> replies = new ArrayList<>();
    while (replies.size() < calls.size()) {
      List<ScriptCall> together = together(calls.subList(replies.size(), calls.size()));
      try {
        replies.addAll(call(what, requests(together)));
      } catch (StoreException e) {
        throw replies.isEmpty() ? e : afterAPart(e);
      }
    }
    return replies;
  }

  private static List<ScriptCall> together(List<ScriptCall> calls) {
    int number = 1;
    long chars = calls.get(0).chars();
    while (number < calls.size() && chars + calls.get(number).chars() <= ScriptCall.MAX_CHARS) {
      chars += calls.get(number).chars();
      number++;
    }
    return calls.subList(0, number);
  }

  /**
   * Sends scripts together, each independent of the others. If a node does not answer, the replies
   * of its scripts are empty. Fails if no node answers.
   */
  List<Reply> runEach(String what, List<ScriptCall> calls) {
    if (calls.size() == 1) {
      return run(what, calls);
    }
    begin();
    try {
      Deadline deadline = deadline();
      List<Request<Reply>> requests = requests(calls);
      List<CompletableFuture<Reply>> answers = sendAll(requests, deadline);
      Throwable failed = failed(answers, requests, deadline);
      if (failed != null && answers.stream().noneMatch(Futures::hasValue)) {
        throw failure(what, answers, failed);
      }
      return answers.stream()
          .map(answer -> Futures.hasValue(answer) ? answer.join() : new Reply(List.of()))
          .toList();
    } finally {
      underWay.readLock().unlock();
    }
  }

  /** Waits for all answers. Returns why one is missing, or null. */
  private <T> @Nullable Throwable failed(
      List<CompletableFuture<T>> answers, List<Request<T>> requests, Deadline deadline) {
    try {
      deadline.await(answers);
      return null;
    } catch (ExecutionException e) {
      topology.lookAgain();
      return RedisErrors.unwrapped(e);
    } catch (TimeoutException e) {
      return silence(answers, requests, deadline);
    }
  }

  @Override
  public Reply runTogether(
      String what, ScriptCall call, Deadline deadline, Supplier<CompletableFuture<Reply>> begin) {
    return call(what, List.of(request(call)), deadline, () -> List.of(begin.get())).get(0);
  }

  @Override
  public CompletableFuture<Reply> send(ScriptCall call, Deadline deadline) {
    return router.send(request(call), deadline);
  }

  @Override
  public List<CompletableFuture<Reply>> sendTogether(ScriptCall call, List<Deadline> deadlines) {
    List<CompletableFuture<Reply>> answers = new ArrayList<>();
    deadlines.forEach(each -> answers.add(new CompletableFuture<>()));
    Request<Void> request =
        new Request<>(
            call.script().urgency(),
            isConfirmed(call),
            call.keys().first(),
            (connection, first) -> run(connection, call, deadlines, answers));
    var unused =
        CompletableFuture.completedFuture(request)
            .thenCompose(each -> router.send(each, Deadline.firstOf(deadlines)))
            .whenComplete(
                (done, e) -> {
                  if (e != null) {
                    answers.forEach(answer -> answer.completeExceptionally(e));
                  }
                });
    return answers;
  }

  /** The time limit of a call that begins now, or of the one that this trip is a part of. */
  Deadline deadline() {
    Deadline whole = OF_CALL.get();
    return whole == null ? Deadline.of(timeout) : whole;
  }

  /** Makes a call that may take several trips. They have the time of one together [L31]. */
  <T> T inOneCall(Supplier<T> trips) {
    return within(timeout, trips);
  }

  /** Makes a call that keeps a lease: while it waits, the lease goes on running out [L31]. */
  <T> T keeping(Duration lease, Supplier<T> trips) {
    Duration third = lease.dividedBy(3);
    return within(third.compareTo(LEAST_KEEPING) < 0 ? LEAST_KEEPING : third, trips);
  }

  /** Makes the trips of a call, or of a part of one, within a time. */
  <T> T within(Duration limit, Supplier<T> trips) {
    Deadline whole = OF_CALL.get();
    OF_CALL.set(Deadline.of(limit).orEarlier(deadline()));
    try {
      return trips.get();
    } finally {
      if (whole == null) {
        OF_CALL.remove();
      } else {
        OF_CALL.set(whole);
      }
    }
  }

  private Request<Reply> request(ScriptCall call) {
    return request(call, call.script().urgency(), isConfirmed(call));
  }

  @Override
  public boolean confirms() {
    return durability.isAsked();
  }

  private boolean isConfirmed(ScriptCall call) {
    return confirms() && call.script().mustSurvive();
  }

  /** All on one connection, so that a claim sees the settlements that were sent before it. */
  private List<Request<Reply>> requests(List<ScriptCall> calls) {
    boolean allUrgent = calls.stream().allMatch(each -> each.script().urgency() == Urgency.URGENT);
    Urgency urgency = allUrgent ? Urgency.URGENT : Urgency.NORMAL;
    boolean someConfirmed = calls.stream().anyMatch(this::isConfirmed);
    return calls.stream().map(each -> request(each, urgency, someConfirmed)).toList();
  }

  private Request<Reply> request(ScriptCall call, Urgency urgency, boolean isConfirmed) {
    return new Request<>(
        urgency,
        isConfirmed,
        call.keys().first(),
        (connection, deadline) -> run(connection, call, deadline));
  }

  private CompletableFuture<Reply> run(
      ScriptConnection connection, ScriptCall call, Deadline deadline) {
    CompletableFuture<Reply> answer = connection.run(scripts.text(call.script()), call);
    return isConfirmed(call)
        ? answer.thenCompose(reply -> confirmed(connection, reply, deadline))
        : answer;
  }

  private CompletableFuture<Reply> confirmed(
      ScriptConnection connection, Reply reply, Deadline deadline) {
    if (!reply.hasMore()) {
      // The name is taken, or the lease is lost: nothing was done.
      return CompletableFuture.completedFuture(reply);
    }
    return connection.confirm(durability, deadline).thenApply(confirmed -> reply);
  }

  /** Runs a script, and gives each value of its reply to one of those that wait for an answer. */
  private CompletableFuture<Void> run(
      ScriptConnection connection,
      ScriptCall call,
      List<Deadline> deadlines,
      List<CompletableFuture<Reply>> answers) {
    return connection
        .run(scripts.text(call.script()), call)
        .thenCompose(
            reply -> {
              List<CompletableFuture<Void>> confirmed =
                  isConfirmed(call)
                      ? connection.confirm(durability, deadlines)
                      : Collections.nCopies(
                          deadlines.size(), CompletableFuture.completedFuture(null));
              for (int i = 0; i < answers.size(); i++) {
                Reply part = reply.next();
                Futures.forward(confirmed.get(i).thenApply(safe -> part), answers.get(i));
              }
              return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
            });
  }

  /** Runs a command that is not a script, on the node that has a key. */
  <T> T command(
      String what,
      String key,
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    return commands(what, List.of(key), it -> it, (commands, it) -> command.apply(commands)).get(0);
  }

  /**
   * Sends a command and does not wait for it: nobody needs to know what becomes of it.
   *
   * @param key the command runs on the node that has this key
   */
  <T> void tell(
      String key, Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    begin();
    try {
      var unused =
          router.send(
              new Request<T>(
                  Urgency.NORMAL,
                  false,
                  key,
                  (connection, deadline) -> command.apply(connection.commands())),
              deadline());
    } finally {
      underWay.readLock().unlock();
    }
  }

  /**
   * Runs a command for each of some elements, all together.
   *
   * @param key a key of an element; the command runs on the node that has it
   * @return the answers, in the order of the elements
   */
  <E, T> List<T> commands(
      String what,
      List<E> elements,
      Function<E, String> key,
      BiFunction<RedisClusterAsyncCommands<String, String>, E, CompletionStage<T>> command) {
    List<Request<T>> requests = new ArrayList<>();
    for (E element : elements) {
      requests.add(
          new Request<>(
              Urgency.NORMAL,
              false,
              key.apply(element),
              (connection, deadline) -> command.apply(connection.commands(), element)));
    }
    return call(what, requests);
  }

  /**
   * Runs a command on every node.
   *
   * @return the outcomes, all complete, by the address of the node
   */
  <T> Map<String, CompletableFuture<T>> commandOnAll(
      String what,
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    CompletableFuture<Map<String, Node>> nodes = topology.nodes();
    Map<String, CompletableFuture<T>> answers = new TreeMap<>();
    try {
      deadline().await(List.of(nodes));
      nodes
          .join()
          .forEach(
              (address, node) ->
                  answers.put(
                      address,
                      node.connection(Urgency.NORMAL)
                          .send(connection -> command.apply(connection.commands()))
                          .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)));
      return CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new))
          .handle((done, e) -> answers)
          .join();
    } catch (ExecutionException | TimeoutException e) {
      throw StoreException.notDone(
          "could not " + what + ": the nodes are not known: " + RedisErrors.reason(e),
          RedisErrors.unwrapped(e));
    }
  }

  private <T> List<T> call(String what, List<Request<T>> requests) {
    Deadline deadline = deadline();
    return call(what, requests, deadline, () -> sendAll(requests, deadline));
  }

  private <T> List<CompletableFuture<T>> sendAll(List<Request<T>> requests, Deadline deadline) {
    List<CompletableFuture<T>> answers = new ArrayList<>(requests.size());
    for (Request<T> request : requests) {
      answers.add(router.send(request, deadline));
    }
    return answers;
  }

  /**
   * Makes a call that consists of these requests.
   *
   * @param begin sends them when each has a connection
   */
  private <T> List<T> call(
      String what,
      List<Request<T>> requests,
      Deadline deadline,
      Supplier<List<CompletableFuture<T>>> begin) {
    begin();
    try {
      if (deadline.isOver()) {
        throw StoreException.notDone(
            "could not %s: its %s were over before"
                .formatted(what, Limits.shown(deadline.timeout())),
            null);
      }
      connect(what, requests, deadline);
      List<CompletableFuture<T>> answers = begin.get();
      try {
        return deadline.await(answers);
      } catch (TimeoutException e) {
        TimeoutException silence = silence(answers, requests, deadline);
        throw StoreException.outcomeUnknown(
            "could not " + what + ": " + silence.getMessage(), silence);
      } catch (ExecutionException e) {
        throw failure(what, answers, RedisErrors.unwrapped(e));
      }
    } finally {
      underWay.readLock().unlock();
    }
  }

  /** Makes the connections that are missing. If one cannot be made, nothing is sent. */
  private <T> void connect(String what, List<Request<T>> requests, Deadline deadline) {
    for (Request<T> request : requests) {
      if (!router.isConnected(request)) {
        connectAll(what, requests, deadline);
        return;
      }
    }
  }

  private <T> void connectAll(String what, List<Request<T>> requests, Deadline deadline) {
    String reached = "a node of the cluster";
    try {
      List<NodeConnection> connections =
          deadline.await(requests.stream().map(router::connectionFor).toList()).stream()
              .distinct()
              .toList();
      reached = addresses(connections.stream().filter(each -> !each.isOpen()));
      try {
        awaitConnected(connections, deadline);
      } catch (TimeoutException e) {
        connections.forEach(connection -> connection.dropIfSilent(deadline.start(), timeout));
        throw e;
      }
    } catch (TimeoutException e) {
      topology.lookAgain();
      throw StoreException.notDone(
          "could not %s: no connection to %s within %s"
              .formatted(what, reached, Limits.shown(deadline.timeout())),
          e);
    } catch (ExecutionException e) {
      topology.lookAgain();
      Throwable cause = RedisErrors.unwrapped(e);
      throw StoreException.notDone("could not " + what + ": " + RedisErrors.reason(cause), cause);
    }
  }

  /** A handshake has as long as a call, and begins later: if it ends in time, so does the call. */
  private static void awaitConnected(List<NodeConnection> connections, Deadline deadline)
      throws ExecutionException, TimeoutException {
    try {
      deadline.await(connections.stream().map(NodeConnection::connected).toList());
    } catch (ExecutionException e) {
      if (!deadline.isOver()) {
        throw e;
      }
      var late = new TimeoutException();
      late.initCause(e);
      throw late;
    }
  }

  private static String addresses(Stream<NodeConnection> connections) {
    String addresses =
        connections
            .map(NodeConnection::address)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return addresses.isEmpty() ? "the server" : addresses;
  }

  /**
   * Gives up the connections that owe an answer and have been silent for too long. Returns an error
   * that names their servers.
   */
  private <T> TimeoutException silence(
      List<CompletableFuture<T>> answers, List<Request<T>> requests, Deadline deadline) {
    List<CompletableFuture<NodeConnection>> silent =
        IntStream.range(0, answers.size())
            .filter(i -> !answers.get(i).isDone())
            .mapToObj(i -> router.connectionFor(requests.get(i)))
            .toList();
    for (CompletableFuture<NodeConnection> each : silent) {
      var unused =
          each.thenAccept(connection -> connection.dropIfSilent(deadline.start(), timeout));
    }
    topology.lookAgain();
    return new TimeoutException(
        "no answer from %s within %s"
            .formatted(
                addresses(silent.stream().filter(Futures::hasValue).map(CompletableFuture::join)),
                Limits.shown(deadline.timeout())));
  }

  private <T> StoreException failure(
      String what, List<CompletableFuture<T>> answers, Throwable cause) {
    String outcome =
        cause instanceof NotConfirmedException
            ? what + ": done, but not confirmed"
            : "could not " + what;
    String message = outcome + ": " + RedisErrors.reason(cause);
    boolean isSilent = cause instanceof NotConfirmedException e && e.isOfSilence();
    if (isSilent
        || !(cause instanceof RedisCommandExecutionException)
        || RedisErrors.hasCode(cause, "CLUSTERDOWN")) {
      topology.lookAgain();
    }
    return answers.stream().allMatch(ScriptRunner::changedNothing)
        ? StoreException.notDone(message, cause)
        : StoreException.outcomeUnknown(message, cause);
  }

  private static boolean changedNothing(CompletableFuture<?> answer) {
    Throwable e = Futures.failure(answer);
    return e instanceof NoConnectionException || (e != null && RedisErrors.changedNothing(e));
  }

  /** Begins a call, which ends with {@code underWay.readLock().unlock()}. */
  private void begin() {
    checkOpen();
    // Never waits, though a close may wait for other calls.
    if (!underWay.readLock().tryLock()) {
      throw new StoreClosedException();
    }
    if (closed) {
      underWay.readLock().unlock();
      throw new StoreClosedException();
    }
  }

  void checkOpen() {
    if (closed) {
      throw new StoreClosedException();
    }
  }

  /** Refuses new calls and waits for those under way, up to the time limit of a call. */
  @Override
  public void close() {
    closed = true;
    boolean quiet = false;
    try {
      quiet = underWay.writeLock().tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      topology.close();
    } finally {
      if (quiet) {
        underWay.writeLock().unlock();
      }
    }
  }
}
