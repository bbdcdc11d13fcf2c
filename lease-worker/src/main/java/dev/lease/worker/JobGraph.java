package dev.lease.worker;

import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that wait for jobs. A graph has parts; a part is one job or many, which wait for the same
 * other parts. Describe it part by part, then give it to {@link JobClient#enqueue(JobGraph)}.
 *
 * <pre>{@code
 * client.enqueue(
 *     client.graph("report-7", "reports")
 *         .add("load", LOAD, day)
 *         .addAll("count", COUNT, shops).after("load")
 *         .add("sum", SUM, day).after("count").onFailure(OnFailure.RUN));
 * }</pre>
 *
 * <p>The ids of the jobs are made of the id of the graph, the name of the part and a number, such
 * as {@code report-7/count/12}: the same whenever the graph is described in the same way. An id
 * stands for one graph. To repeat it, describe it by the same payloads in the same order.
 *
 * <p>What it cannot obey, each method refuses by an {@link IllegalArgumentException}, and the graph
 * stays as it was. Not for use by several threads.
 */
public final class JobGraph {

  /** Makes the jobs: the client. */
  interface Jobs {
    <T> NewJob.Builder job(JobType<T> type, String id, T payload);
  }

  /**
   * How many characters of payloads a piece has: a store keeps others waiting while it adds one.
   */
  private static final int MOST_CHARACTERS = 4_000_000;

  private final Jobs client;
  private final String id;
  private final String queue;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final Set<String> ids = new HashSet<>();
  private final Set<String> dedupKeys = new HashSet<>();

  /** The part that was named last, and the parts that it was last said to come after. */
  private @Nullable Part last;

  private Set<String> lastAfter = Set.of();

  /**
   * A part.
   *
   * @param number how many parts were there before it
   */
  private record Part(String name, int number, Map<String, OnFailure> after, List<NewJob> jobs) {}

  JobGraph(Jobs client, String id, String queue) {
    this.client = client;
    this.id = Limits.name("graph", id);
    this.queue = Limits.name("queue", queue);
  }

  /**
   * Adds a job to a part. The first job of a part adds the part, which runs at once unless {@link
   * #after} follows.
   *
   * @param <T> the type of the payload
   * @param part the name of the part; a part of this name that is there gets the job as well
   * @param type what kind of work it is, in the queue of the graph
   * @param payload the input of the work
   * @return this
   */
  public <T> JobGraph add(String part, JobType<T> type, T payload) {
    return addAll(part, type, List.of(Limits.notNull("payload", payload)));
  }

  /**
   * Adds any number of jobs to a part, which all wait for the same. A part without a job ends as
   * soon as those that it comes after have.
   *
   * @param <T> the type of the payloads
   * @param part the name of the part; a part of this name that is there gets the jobs as well
   * @param type what kind of work it is, in the queue of the graph
   * @param payloads the inputs of the work, one for each job
   * @return this
   */
  public <T> JobGraph addAll(String part, JobType<T> type, Collection<? extends T> payloads) {
    requireQueue(Limits.notNull("type", type).queue(), "type " + type.name());
    Limits.name("part", part);
    Part of = parts.get(part);
    int number = of == null ? 0 : of.jobs().size();
    List<NewJob> jobs = new ArrayList<>();
    for (T payload : Limits.notNull("payloads", payloads)) {
      jobs.add(client.job(type, checked(jobId(part, number++)), payload).build());
    }
    return addJobs(part, jobs);
  }

  /**
   * The id of a job that {@link #add(String, JobType, Object)} or {@link #addAll} makes: {@code
   * graph/part/number}. The name of the part is URL-encoded in it, so that no two jobs have one id.
   *
   * @param part the name of the part
   * @param number how many jobs were in the part before it, 0 or more
   * @return the id, whether or not there is such a job
   */
  public String jobId(String part, int number) {
    return id + "/" + URLEncoder.encode(part, StandardCharsets.UTF_8) + "/" + number;
  }

  private static String checked(String jobId) {
    try {
      return Limits.name("job id", jobId);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          e.getMessage()
              + "; it is made of graph, part and number: shorten the id of the graph or the name"
              + " of the part",
          e);
    }
  }

  /**
   * Adds a job to a part that has more than a type and a payload, such as a due time. It keeps its
   * id: for a graph that may be enqueued again, give it one of yours.
   *
   * @param part the name of the part; a part of this name that is there gets the job as well
   * @param job the job, as {@link JobClient#job} builds it, in the queue of the graph
   * @return this
   */
  public JobGraph add(String part, NewJob job) {
    requireQueue(Limits.notNull("job", job).queue(), "job " + job.id());
    return addJobs(Limits.name("part", part), List.of(job));
  }

  private JobGraph addJobs(String name, List<NewJob> jobs) {
    if (!parts.containsKey(name) && parts.size() == GraphPiece.MAX_PARTS) {
      throw refused(
          "has at most %d parts, was given part %s too; put the jobs that wait for the same into one part"
              .formatted(GraphPiece.MAX_PARTS, Limits.oneLine(name)));
    }
    Set<String> newIds = new HashSet<>();
    Set<String> newKeys = new HashSet<>();
    for (NewJob job : jobs) {
      ScheduleDefinition.requireOtherId(job.id(), job.type());
      String key = job.dedupKey();
      if (ids.contains(job.id())
          || !newIds.add(job.id())
          || (key != null && (dedupKeys.contains(key) || !newKeys.add(key)))) {
        throw refused(
            "needs an id and a dedup key of its own for each job; that of job %s is there already: leave one out"
                .formatted(Limits.oneLine(job.id())));
      }
    }
    ids.addAll(newIds);
    dedupKeys.addAll(newKeys);
    last =
        parts.computeIfAbsent(
            name, it -> new Part(it, parts.size(), new LinkedHashMap<>(), new ArrayList<>()));
    last.jobs().addAll(jobs);
    lastAfter = Set.of();
    return this;
  }

  private void requireQueue(String queue, String what) {
    if (!queue.equals(this.queue)) {
      throw refused(
          "is of one queue, %s, but %s is of queue %s: use type.in(%s)"
              .formatted(
                  Limits.oneLine(this.queue),
                  Limits.oneLine(what),
                  Limits.oneLine(queue),
                  Limits.oneLine(this.queue)));
    }
  }

  /**
   * Lets the part that was named last wait until others have ended. If a job of theirs is FAILED or
   * CANCELLED, its jobs are CANCELLED, unless {@link #onFailure} follows.
   *
   * @param others the names of parts that were added before it
   * @return this
   */
  public JobGraph after(String... others) {
    Limits.notNull("others", others);
    Part part = named("after");
    Set<String> names = new HashSet<>();
    for (String other : others) {
      Part before = parts.get(Limits.name("part", other));
      if (before == null || before.number() >= part.number()) {
        throw refused(
            "can let part %s come after parts that were added before it, was %s: add that one first"
                .formatted(Limits.oneLine(part.name()), Limits.oneLine(other)));
      }
      if (part.after().containsKey(other) || !names.add(other)) {
        throw refused(
            "lets part %s come after part %s twice: leave one out"
                .formatted(Limits.oneLine(part.name()), Limits.oneLine(other)));
      }
    }
    if (part.after().size() + names.size() > GraphPiece.MAX_EDGES) {
      throw refused(
          "can let a part come after %d others, was %d for part %s: put the jobs of those into one part"
              .formatted(
                  GraphPiece.MAX_EDGES,
                  part.after().size() + names.size(),
                  Limits.oneLine(part.name())));
    }
    for (String other : others) {
      part.after().put(other, OnFailure.CANCEL);
    }
    lastAfter = names;
    return this;
  }

  /**
   * Says what becomes of the part that was named last if the parts fail that the last {@link
   * #after} named.
   *
   * @param onFailure what becomes of it; {@link OnFailure#CANCEL} if this is not called
   * @return this
   */
  public JobGraph onFailure(OnFailure onFailure) {
    Limits.notNull("onFailure", onFailure);
    Part part = named("onFailure");
    if (lastAfter.isEmpty()) {
      throw refused(
          "needs to know which failures are meant for part %s: call after(..) before onFailure(%s)"
              .formatted(Limits.oneLine(part.name()), onFailure));
    }
    lastAfter.forEach(other -> part.after().put(other, onFailure));
    return this;
  }

  private Part named(String call) {
    if (last == null) {
      throw refused("has no part yet: call add(..) or addAll(..) before %s(..)".formatted(call));
    }
    return last;
  }

  private IllegalArgumentException refused(String rule) {
    return new IllegalArgumentException("graph " + Limits.oneLine(id) + " " + rule);
  }

  /** All of the graph as it is sent, the last piece with the totals. */
  List<GraphPiece> pieces() {
    if (parts.isEmpty()) {
      throw refused("has no part: add one, or do not enqueue it");
    }
    Pieces pieces = new Pieces();
    for (Part part : parts.values()) {
      pieces.add(GraphPart.of(part.name(), part.after()));
      part.jobs().forEach(job -> pieces.add(part.name(), job));
    }
    return pieces.all(parts.size(), ids.size());
  }

  /** Begins a new piece when one is full. */
  private final class Pieces {
    private final List<GraphPiece> full = new ArrayList<>();
    private GraphPiece.Builder piece = GraphPiece.builder(queue, id);
    private int partsHere;
    private int edgesHere;
    private int jobsHere;
    private int charactersHere;

    void add(GraphPart part) {
      int edges = part.after().size();
      if (partsHere == GraphPiece.MAX_SIZE || edgesHere + edges > GraphPiece.MAX_EDGES) {
        next();
      }
      partsHere++;
      edgesHere += edges;
      piece.part(part);
    }

    void add(String part, NewJob job) {
      int characters = job.payload().length();
      if (jobsHere == GraphPiece.MAX_SIZE
          || (jobsHere > 0 && charactersHere + characters > MOST_CHARACTERS)) {
        next();
      }
      jobsHere++;
      charactersHere += characters;
      piece.job(part, job);
    }

    private void next() {
      full.add(piece.build());
      piece = GraphPiece.builder(queue, id);
      partsHere = 0;
      edgesHere = 0;
      jobsHere = 0;
      charactersHere = 0;
    }

    List<GraphPiece> all(int parts, int jobs) {
      full.add(piece.last(parts, jobs).build());
      return full;
    }
  }
}
