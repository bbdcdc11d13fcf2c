package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.Limits;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the workers of a store, in whichever processes, last said of themselves. Immutable. */
public final class WorkerReports {

  private final List<WorkerReport> reports;
  private final List<String> missing;

  private WorkerReports(List<WorkerReport> reports, List<String> missing) {
    this.reports = List.copyOf(reports);
    this.missing = List.copyOf(missing);
  }

  /**
   * Reads the reports of all workers that are alive [W33]. Changes nothing. It costs a call for 100
   * workers.
   *
   * @param backend the store of the workers
   * @return the reports, in the order of the workers' names
   * @throws UnsupportedOperationException if the store comes without {@link
   *     dev.lease.Capability#LEASES}
   * @throws dev.lease.StoreException if the store could not answer
   */
  public static WorkerReports read(Backend backend) {
    Limits.notNull("backend", backend);
    List<WorkerReport> reports = new ArrayList<>();
    Set<String> missing = new LinkedHashSet<>();
    String after = null;
    do {
      LeasePage page = backend.leaseStore().list(WorkerReport.PREFIX, after, 100);
      for (Lease lease : page.leases()) {
        reports.add(new WorkerReport(lease));
      }
      missing.addAll(page.missing());
      after = page.next();
    } while (after != null);
    return new WorkerReports(reports, List.copyOf(missing));
  }

  /** {@return the reports, in the order of the workers' names, unmodifiable} */
  public List<WorkerReport> reports() {
    return reports;
  }

  /**
   * The parts of the store that did not answer, so that the reports in them are not here.
   *
   * @return their names, unmodifiable; empty if all answered, and where a store has one part
   */
  public List<String> missing() {
    return missing;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return "WorkerReports[reports=" + reports + ", missing=" + missing + "]";
  }
}
