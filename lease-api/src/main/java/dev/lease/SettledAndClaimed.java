package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link JobQueue#settleAndClaim}.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class SettledAndClaimed {

  private final List<Settlement.Result> settled;
  private final Claim claim;

  private SettledAndClaimed(List<Settlement.Result> settled, Claim claim) {
    this.settled = List.copyOf(settled);
    this.claim = Limits.notNull("claim", claim);
  }

  /**
   * Creates an answer.
   *
   * @param settled the results of the settlements, in their order; copied
   * @param claim the answer to the claim
   * @return the answer
   */
  public static SettledAndClaimed of(List<Settlement.Result> settled, Claim claim) {
    return new SettledAndClaimed(settled, claim);
  }

  /**
   * The results of the settlements.
   *
   * @return one result for each settlement, in their order, unmodifiable
   */
  public List<Settlement.Result> settled() {
    return settled;
  }

  /**
   * The answer to the claim.
   *
   * @return the claim
   */
  public Claim claim() {
    return claim;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SettledAndClaimed that
        && settled.equals(that.settled)
        && claim.equals(that.claim);
  }

  @Override
  public int hashCode() {
    return Objects.hash(settled, claim);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "SettledAndClaimed[settled=" + settled + ", claim=" + claim + "]";
  }
}
