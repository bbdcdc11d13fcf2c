package dev.lease;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kind of settlement that a version to come may have. Only this package can add one. */
public final class LaterSettlement extends Settlement {

  /**
   * @param lease the lease under which the job is settled
   */
  public LaterSettlement(JobLease lease) {
    super(lease);
  }

  @Override
  List<@Nullable Object> rest() {
    return List.of();
  }
}
