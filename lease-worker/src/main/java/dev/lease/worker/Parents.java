package dev.lease.worker;

import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobPage;
import dev.lease.worker.codec.PayloadCodec;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the parents of a job, page by page. */
final class Parents {

  /** Results may be large: a page of them must fit into the memory, for each slot. */
  private static final int PAGE = 100;

  private final @Nullable JobGraphs graphs;
  private final PatientCalls calls;
  private final HeldJob job;
  private final PayloadCodec codec;

  /**
   * @param graphs null if the store has none
   */
  Parents(@Nullable JobGraphs graphs, PatientCalls calls, HeldJob job, PayloadCodec codec) {
    this.graphs = graphs;
    this.calls = calls;
    this.job = job;
    this.codec = codec;
  }

  Stream<ParentJob> read() {
    return graphs == null
        ? Stream.empty()
        : Stream.iterate(
                Optional.of(page(graphs, null)),
                Optional::isPresent,
                page -> page.flatMap(it -> after(graphs, it)))
            .flatMap(Optional::stream)
            .flatMap(page -> page.jobs().stream())
            .map(parent -> new ParentJob(parent, codec));
  }

  private Optional<JobPage> after(JobGraphs graphs, JobPage page) {
    return Optional.ofNullable(page.next()).map(next -> page(graphs, next));
  }

  private JobPage page(JobGraphs graphs, @Nullable String after) {
    JobLease lease = job.lease();
    return calls.read(
        "read the parents", () -> graphs.parents(lease.queue(), lease.jobId(), after, PAGE));
  }
}
