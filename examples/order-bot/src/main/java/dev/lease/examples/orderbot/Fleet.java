package dev.lease.examples.orderbot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.examples.shared.StoreName;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * An exchange and workers, each in a process of its own, so that one can be killed without the
 * others. They end with this process. Their files and logs are in one directory.
 */
final class Fleet implements AutoCloseable {

  private final Setup setup;
  private final List<Jobs> queues;
  private final Process exchange;
  private final URI exchangeUrl;
  private final Map<String, Process> workers = new LinkedHashMap<>();
  private final List<Kill> kills = new ArrayList<>();
  private int started;

  /**
   * The fixed settings.
   *
   * @param directory where the files go
   * @param program the main class
   * @param store the store of the workers
   * @param workerOptions the options of the workers
   * @param fill how long the exchange takes to fill an order
   */
  record Setup(
      Path directory,
      Class<?> program,
      StoreName store,
      List<String> workerOptions,
      Exchange.Fill fill) {}

  /**
   * Starts the exchange.
   *
   * @param setup the fixed settings
   * @param queues the queues that every worker serves
   */
  Fleet(Setup setup, List<Jobs> queues) throws IOException {
    this.setup = setup;
    this.queues = queues;
    ProcessBuilder program =
        program("exchange", "--port", "0", "--dir", setup.directory().toString());
    program.command().addAll(List.of("--fill", setup.fill().small().toMillis() + "ms"));
    program.command().addAll(List.of("--fill-large", setup.fill().large().toMillis() + "ms"));
    exchange = program.redirectError(log("exchange")).start();
    exchangeUrl = URI.create(firstLine(exchange));
  }

  URI exchangeUrl() {
    return exchangeUrl;
  }

  /** The workers that were not killed. */
  Set<String> workers() {
    return workers.keySet();
  }

  /** The kills of workers that held a job. */
  List<Kill> kills() {
    return List.copyOf(kills);
  }

  long pid(String worker) {
    return process(worker).pid();
  }

  /** Starts a worker and answers its name. */
  String startWorker() throws IOException {
    return startWorker(setup.store(), Map.of());
  }

  /**
   * Starts a worker with a store and an environment of its own, and answers its name.
   *
   * @param store the store, by the address that this worker uses
   * @param environment further environment variables
   */
  String startWorker(StoreName store, Map<String, String> environment) throws IOException {
    String name = "worker-" + ++started;
    ProcessBuilder worker = program("worker", "--name", name, "--exchange", "" + exchangeUrl);
    queues.forEach(queue -> worker.command().addAll(List.of("--queue", queue.queue())));
    worker.command().addAll(setup.workerOptions());
    worker.environment().putAll(environment);
    worker.environment().put(StoreName.VARIABLE, store.name());
    workers.put(name, worker.redirectErrorStream(true).redirectOutput(log(name)).start());
    return name;
  }

  /**
   * Kills a worker with SIGKILL, and asks the store what it held: before, too, because on a busy
   * machine others may have its jobs by the time the second answer comes.
   */
  Kill kill(String worker) throws InterruptedException {
    Map<String, Long> before = heldBy(worker);
    Process process = Objects.requireNonNull(workers.remove(worker), worker);
    Instant at = Instant.now();
    process.destroyForcibly().waitFor();
    Map<String, Long> held = heldBy(worker);
    if (!held.keySet().containsAll(before.keySet())) {
      // What it finished before the kill has its token; what others took then has a larger one.
      in(JobState.DONE, JobState.FAILED, JobState.CANCELLED)
          .forEach(job -> before.remove(job.id(), job.token()));
      before.forEach(held::putIfAbsent);
    }
    Kill kill = new Kill(worker, at, held);
    if (!held.isEmpty()) {
      kills.add(kill);
    }
    return kill;
  }

  private Map<String, Long> heldBy(String worker) {
    Map<String, Long> held = new HashMap<>();
    held().stream()
        .filter(job -> Jobs.owner(job).equals(worker))
        .forEach(job -> held.put(job.id(), job.token()));
    return held;
  }

  /** The jobs that workers hold, in all queues. */
  List<Job> held() {
    return in(JobState.PROCESSING);
  }

  private List<Job> in(JobState... states) {
    return queues.stream().flatMap(queue -> queue.in(states).stream()).toList();
  }

  /** Suspends a worker with SIGSTOP, but not in the middle of a write to a file: it has a lock. */
  void suspend(String worker) throws IOException, InterruptedException {
    Signals.stop(process(worker));
    while (Store.isFileLocked(setup.store())) {
      resume(worker);
      Signals.stop(process(worker));
    }
  }

  /** Resumes a suspended worker. */
  void resume(String worker) throws IOException, InterruptedException {
    Signals.go(process(worker));
  }

  private Process process(String worker) {
    return Objects.requireNonNull(workers.get(worker), worker);
  }

  /** What the exchange's files say about the orders that were asked for. */
  Orders orders(List<Order> asked) {
    return new Orders(
        asked.stream().map(Order::id).toList(),
        kills(),
        Exchange.log(setup.directory()),
        Exchange.book(setup.directory()));
  }

  /** Asks all processes to end, and kills those that do not. */
  @Override
  public void close() {
    workers.values().forEach(Process::destroy);
    workers.values().forEach(Program::end);
    exchange.destroy();
    Program.end(exchange);
  }

  private ProcessBuilder program(String... args) {
    return Program.of(setup.program(), List.of(args));
  }

  private File log(String process) {
    return setup.directory().resolve(process + ".log").toFile();
  }

  private static String firstLine(Process process) throws IOException {
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the exchange did not start");
    }
    return line;
  }
}
