package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.ClaimedJob;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.StoreCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Two queues on which random calls are made. */
final class JobSubject extends Subject {

  /** The lease that a claim gave, and the variable that holds it in the source text. */
  record LeaseVariable(String variable, JobLease lease) {}

  /** The largest limit of a call. */
  static final int ALL = 1_000;

  /** For so long every store knows a graph that has ended. */
  private static final Duration A_DAY = Duration.ofHours(23);

  final Set<ModelQueue> paused = new HashSet<>();

  /** Accepted settlements. If one is sent again, a store may answer either way [Q30]. */
  final Set<Settlement> accepted = new HashSet<>();

  private final String name;
  private final List<Backend> objects;
  private final boolean hasAdmin;
  private final JobSubject reference;
  private final boolean isThorough;
  private boolean hasKeys;
  private boolean hasGraphs;

  /** When each graph was first made. */
  private final Map<String, Instant> graphsMade = new TreeMap<>();

  /** How many jobs each key had admitted before the last call. */
  private final Map<JobKey, Long> admitted = new HashMap<>();

  private final Map<JobKey, NewJob> made = new TreeMap<>();
  private final Set<JobKey> unclaimed = new HashSet<>();
  private final Map<JobKey, List<LeaseVariable>> grants = new HashMap<>();
  private final List<GivenLease> holds = new ArrayList<>();

  /** Makes the subject for the reference. */
  JobSubject(List<Backend> objects, boolean hasAdmin, StoreTime time) {
    this(Names.unique("model"), objects, hasAdmin, time, null, null, true);
  }

  /**
   * Makes the subject for the store under test.
   *
   * @param name begins the names of its queues
   */
  JobSubject(
      String name,
      List<Backend> objects,
      boolean hasAdmin,
      StoreTime time,
      JobSubject reference,
      boolean isThorough) {
    this(name, objects, hasAdmin, time, reference, new CallListing(), isThorough);
  }

  private JobSubject(
      String name,
      List<Backend> objects,
      boolean hasAdmin,
      StoreTime time,
      @Nullable JobSubject reference,
      @Nullable CallListing listing,
      boolean isThorough) {
    super(time, listing);
    this.name = name;
    this.isThorough = isThorough;
    this.objects = objects;
    this.hasAdmin = hasAdmin;
    this.reference = reference == null ? this : reference;
    for (ModelQueue queue : ModelQueue.values()) {
      name(queueName(queue), queue.code());
    }
  }

  String queueName(ModelQueue queue) {
    return queue.name(name);
  }

  boolean hasAdmin() {
    return hasAdmin;
  }

  /** The JobQueue of the backend object whose turn it is, for one call. */
  JobQueue jobs() {
    countCall();
    JobQueue jobs = objects.get(turn()).jobQueue();
    return listing == null
        ? jobs
        : listing.listed(JobQueue.class, turn() == 0 ? "jobs" : "others", jobs);
  }

  JobAdmin admin() {
    countCall();
    JobAdmin admin = objects.get(turn()).jobAdmin();
    return listing == null
        ? admin
        : listing.listed(JobAdmin.class, turn() == 0 ? "admin" : "otherAdmin", admin);
  }

  Admission admission() {
    countCall();
    Admission admission = objects.get(turn()).admission();
    return listing == null
        ? admission
        : listing.listed(Admission.class, turn() == 0 ? "admission" : "otherAdmission", admission);
  }

  /** Makes some of its jobs have keys, and shows those. */
  JobSubject withKeys() {
    hasKeys = true;
    return this;
  }

  boolean hasKeys() {
    return hasKeys;
  }

  JobGraphs graphs() {
    countCall();
    JobGraphs graphs = objects.get(turn()).jobGraphs();
    return listing == null
        ? graphs
        : listing.listed(JobGraphs.class, turn() == 0 ? "graphs" : "otherGraphs", graphs);
  }

  void madeGraph(String graph) {
    graphsMade.putIfAbsent(graph, time.now());
  }

  /** Makes some of its jobs be in graphs, and shows those. */
  JobSubject withGraphs() {
    hasGraphs = true;
    return this;
  }

  /** The keys of the reference. */
  List<KeyState> keys(ModelQueue queue) {
    return reference.firstAdmission().keys(reference.queueName(queue), null, ALL).keys();
  }

  private Admission firstAdmission() {
    return objects.get(0).admission();
  }

  void made(ModelQueue queue, NewJob job) {
    var key = new JobKey(queue, job.id());
    made.put(key, job);
    unclaimed.add(key);
  }

  /** Remembers the leases that a claim gave. */
  void granted(ModelQueue queue, String answer, List<ClaimedJob> claimed, Observation seen) {
    for (int i = 0; i < claimed.size(); i++) {
      JobLease lease = claimed.get(i).lease();
      var key = new JobKey(queue, lease.jobId());
      List<LeaseVariable> before = grants.computeIfAbsent(key, it -> new ArrayList<>());
      holds.add(0, new GivenLease(key, before.size(), GivenLease.Forgery.NONE));
      var grant = new LeaseVariable("lease" + holds.size(), lease);
      String code = answer + ".get(" + i + ").lease()";
      declare(grant.variable(), code, lease);
      unclaimed.remove(key);
      accepted.removeIf(it -> isOfSameJob(it.lease(), lease));
      if (!before.isEmpty()) {
        LeaseVariable last = before.get(before.size() - 1);
        seen.addLaw(
            code,
            "%1$s.token() > " + last.variable() + ".token()",
            lease.token() > last.lease().token());
      }
      before.add(grant);
    }
  }

  private static boolean isOfSameJob(JobLease one, JobLease other) {
    return one.queue().equals(other.queue()) && one.jobId().equals(other.jobId());
  }

  /** The lease that this means, if the job was granted that often. */
  Optional<JobLease> lease(GivenLease hold) {
    List<LeaseVariable> given = grants.getOrDefault(hold.job(), List.of());
    if (hold.grant() >= given.size()) {
      return Optional.empty();
    }
    LeaseVariable grant = given.get(hold.grant());
    JobLease lease = hold.forgery().of(grant.lease());
    if (hold.forgery() != GivenLease.Forgery.NONE) {
      name(lease, hold.forgery().code(grant.variable()));
    }
    return Optional.of(lease);
  }

  /** Every grant so far, the latest first. */
  List<GivenLease> holds() {
    return List.copyOf(holds);
  }

  /** True if the job is still under that grant. */
  boolean isHeld(GivenLease hold) {
    return lease(hold)
        .filter(
            lease ->
                firstObject()
                    .find(lease.queue(), lease.jobId())
                    .map(Job::lease)
                    .filter(held -> held.token() == lease.token())
                    .isPresent())
        .isPresent();
  }

  private JobQueue firstObject() {
    return objects.get(0).jobQueue();
  }

  /**
   * Which jobs a queue has that a claim would finish instead of giving them. A claim that reaches
   * its limit need not have found them [Q20].
   *
   * @param isExpired whether one has an expired lease, so that a reset finishes it too
   * @param isWaiting whether one waits
   */
  record Doomed(boolean isExpired, boolean isWaiting) {
    boolean any() {
      return isExpired || isWaiting;
    }
  }

  Doomed doomed(ModelQueue queue) {
    return new Doomed(
        reference.jobs(queue, JobState.PROCESSING).anyMatch(JobSubject::isDoomed),
        reference.jobs(queue, JobState.PENDING, JobState.RETRY).anyMatch(JobSubject::isOverdue));
  }

  private Stream<Job> jobs(ModelQueue queue, JobState... states) {
    JobFilter inStates = JobFilter.all().inQueue(queueName(queue)).inState(states);
    return AllPages.of(objects.get(0).jobAdmin(), JobQuery.of(inStates).limit(ALL)).stream();
  }

  private static boolean isDoomed(Job job) {
    JobLease lease = job.lease();
    return lease != null
        && !job.asOf().isBefore(lease.expiresAt())
        && (job.cancelRequested()
            || job.attempts() - job.failures() >= job.maxCrashes()
            || isOverdue(job));
  }

  private static boolean isOverdue(Job job) {
    return job.notAfter() != null
        && job.asOf().isAfter(job.notAfter())
        && !job.asOf().isBefore(job.dueAt());
  }

  /**
   * True if a job of the queue has no keep, so that the store chooses for how long it keeps the
   * job.
   */
  boolean hasStoresOwnKeep(ModelQueue queue) {
    return made.entrySet().stream()
        .anyMatch(entry -> entry.getKey().queue() == queue && entry.getValue().keep() == null);
  }

  /** True if a job is gone that the reference still has, though its keep is over. */
  boolean hasRemovedByItself(ModelQueue queue) {
    return !hasStoresOwnKeep(queue)
        && reference
            .jobs(queue, JobState.DONE, JobState.FAILED, JobState.CANCELLED)
            .filter(JobSubject::isKeptNoLonger)
            .anyMatch(job -> firstObject().find(queueName(queue), job.id()).isEmpty());
  }

  private static boolean isKeptNoLonger(Job job) {
    return job.finishedAt() != null
        && job.keep() != null
        && !job.asOf().isBefore(job.finishedAt().plus(job.keep()));
  }

  @Override
  void look(Observation seen) {
    int watcher = 1 - turn();
    if (hasAdmin) {
      for (ModelQueue queue : ModelQueue.values()) {
        lookAtList(watcher, queue, seen);
      }
      if (isThorough()) {
        lookAtCounts(watcher, seen);
      }
      if (hasKeys) {
        Stream.of(ModelQueue.values()).forEach(queue -> lookAtKeys(watcher, queue, seen));
      }
      if (hasGraphs) {
        Stream.of(ModelQueue.values()).forEach(queue -> lookAtGraphs(watcher, queue, seen));
      }
    } else {
      made.keySet().stream()
          .filter(key -> isThorough() || reference.isMoving(key))
          .forEach(key -> lookAt(watcher, key, seen));
    }
  }

  private void lookAtKeys(int watcher, ModelQueue queue, Observation seen) {
    String object = watcher == 0 ? "admission" : "otherAdmission";
    String begin = object + ".keys(" + queue.code() + ", null, ";
    KeyPage page = objects.get(watcher).admission().keys(queueName(queue), null, ALL);
    KeyPage first = objects.get(watcher).admission().keys(queueName(queue), null, 1);
    seen.add(begin + "1)", "%1$s.next()", first.next());
    String code = begin + "1000)";
    seen.add(code, "%1$s.limit()", page.limit());
    seen.add(code, "%1$s.queueSlots()", page.queueSlots());
    List<String> keys = page.keys().stream().map(KeyState::key).toList();
    seen.add(code, "%1$s.keys().stream().map(it -> it.key()).toList()", keys);
    for (int i = 0; i < keys.size(); i++) {
      KeyState state = page.keys().get(i);
      KeyLimit limit = state.limit() == null ? page.limit() : state.limit();
      String one = code + ".keys().get(" + i + ")";
      seen.add(one, "%1$s.limit()", state.limit());
      seen.add(one, "%1$s.admitted()", state.admitted());
      seen.add(one, "%1$s.held()", state.held());
      seen.add(one, "%1$s.heldBack()", state.heldBack());
      Instant start = state.nextStart();
      seen.add(
          one,
          "%1$s.nextStart() != null && %1$s.nextStart().isAfter(storeNow())",
          start != null && start.isAfter(time.now()));
      // A limit that was lowered holds for what is admitted afterwards [Q68].
      Long before = admitted.put(new JobKey(queue, state.key()), state.admitted());
      if (limit != null) {
        long most = Math.max(limit.slots(), before == null ? 0 : before);
        seen.addLaw(one, "%1$s.admitted() <= " + most, state.admitted() <= most);
      }
    }
  }

  private void lookAtGraphs(int watcher, ModelQueue queue, Observation seen) {
    JobGraphs graphs = objects.get(watcher).jobGraphs();
    String object = watcher == 0 ? "graphs" : "otherGraphs";
    for (String graph : graphsMade.keySet()) {
      if (graphsMade.get(graph).plus(A_DAY).isBefore(time.now())) {
        continue;
      }
      String arguments = "(" + queue.code() + ", " + JavaSource.of(graph);
      Optional<GraphState> found = graphs.find(queueName(queue), graph);
      String code = object + ".find" + arguments + ")";
      seen.add(code, "%1$s.isPresent()", found.isPresent());
      if (found.isPresent()) {
        GraphState state = found.get();
        seen.add(code, "%1$s.orElseThrow().complete()", state.complete());
        seen.add(code, "%1$s.orElseThrow().parts()", state.parts());
        seen.add(code, "%1$s.orElseThrow().jobs()", state.jobs());
        seen.add(code, "%1$s.orElseThrow().done()", state.done());
        seen.add(code, "%1$s.orElseThrow().failed()", state.failed());
        seen.add(code, "%1$s.orElseThrow().cancelled()", state.cancelled());
        seen.add(
            object + ".parts" + arguments + ", null, 1000)",
            "%1$s.parts()",
            graphs.parts(queueName(queue), graph, null, ALL).parts());
      }
    }
  }

  private void lookAtCounts(int watcher, Observation seen) {
    StoreCounts counts = objects.get(watcher).jobAdmin().counts();
    for (ModelQueue queue : ModelQueue.values()) {
      Optional<QueueCounts> found = counts.queue(queueName(queue));
      String code =
          (watcher == 0 ? "admin" : "otherAdmin") + ".counts().queue(" + queue.code() + ")";
      seen.add(code, "%1$s.isPresent()", found.isPresent());
      found.ifPresent(
          it ->
              CountsObservation.look(
                  code + ".orElseThrow()", it, isOldestDueFixed(queue, it), seen));
    }
  }

  /** The contract leaves open whether a job counts as due that no claim would give. */
  private boolean isOldestDueFixed(ModelQueue queue, QueueCounts counts) {
    Doomed doomed = doomed(queue);
    return !isReference() || !(counts.paused() || doomed.isExpired() || doomed.isWaiting());
  }

  private boolean isThorough() {
    return isThorough || number() % 5 == 0;
  }

  private boolean isMoving(JobKey key) {
    return firstObject()
        .find(queueName(key.queue()), key.id())
        .filter(job -> job.state().isFinished())
        .isEmpty();
  }

  private void lookAt(int watcher, JobKey key, Observation seen) {
    Optional<Job> job = objects.get(watcher).jobQueue().find(queueName(key.queue()), key.id());
    String code =
        (watcher == 0 ? "jobs" : "others")
            + ".find("
            + key.queue().code()
            + ", "
            + JavaSource.of(key.id())
            + ")";
    seen.add(code, "%1$s.isPresent()", job.isPresent());
    job.ifPresent(it -> lookAt(watcher, key, code + ".orElseThrow()", it, seen));
  }

  private void lookAtList(int watcher, ModelQueue queue, Observation seen) {
    List<Job> jobs =
        AllPages.of(
            objects.get(watcher).jobAdmin(),
            JobQuery.of(JobFilter.all().inQueue(queueName(queue))).limit(ALL));
    String code =
        (watcher == 0 ? "admin" : "otherAdmin")
            + ".list(JobQuery.of(JobFilter.all().inQueue("
            + queue.code()
            + ")).limit(1000)).jobs().stream()";
    seen.add(
        code, "%1$s.map(Job::id).sorted().toList()", jobs.stream().map(Job::id).sorted().toList());
    for (Job job : jobs) {
      String one =
          code
              + ".filter(it -> it.id().equals("
              + JavaSource.of(job.id())
              + ")).findAny().orElseThrow()";
      lookAt(watcher, new JobKey(queue, job.id()), one, job, seen);
      if (isThorough()) {
        lookAtFailedAttempts(watcher, queue, job.id(), seen);
      }
    }
  }

  private void lookAtFailedAttempts(int watcher, ModelQueue queue, String id, Observation seen) {
    seen.add(
        (watcher == 0 ? "admin" : "otherAdmin")
            + ".failedAttempts("
            + queue.code()
            + ", "
            + JavaSource.of(id)
            + ")",
        "%1$s.stream().map(it -> it.attempt() + it.owner() + it.error()).toList()",
        objects.get(watcher).jobAdmin().failedAttempts(queueName(queue), id).stream()
            .map(it -> it.attempt() + it.owner() + it.error())
            .toList());
  }

  private void lookAt(int watcher, JobKey key, String code, Job job, Observation seen) {
    NewJob input = made.get(key);
    JobObservation.look(code, job, time, input != null && input.keep() != null, seen);
    List<LeaseVariable> given = grants.getOrDefault(key, List.of());
    if (!given.isEmpty() && !unclaimed.contains(key)) {
      LeaseVariable last = given.get(given.size() - 1);
      seen.add(
          code,
          "%1$s.token() == " + last.variable() + ".token()",
          job.token() == last.lease().token());
    }
    JobLease lease = job.lease();
    if (lease != null && isThorough()) {
      var steps = objects.get(watcher).jobQueue().checkpoints(lease);
      String reading = (watcher == 0 ? "jobs" : "others") + ".checkpoints(%1$s.lease())";
      seen.add(code, reading, steps);
      seen.add(
          code,
          reading + ".map(it -> List.copyOf(it.keySet()))",
          steps.map(it -> List.copyOf(it.keySet())));
    }
  }

  boolean isReference() {
    return reference == this;
  }
}
