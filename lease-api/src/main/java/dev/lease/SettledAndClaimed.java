package dev.lease;

import java.util.List;

/**
 * The answer to {@link JobQueue#settleAndClaim}.
 *
 * @param settled what became of the settlements, positional
 * @param claim the answer to the claim
 */
public record SettledAndClaimed(List<Settlement.Result> settled, Claim claim) {

  /** Copies the list. */
  public SettledAndClaimed {
    settled = List.copyOf(settled);
    Limits.notNull("claim", claim);
  }
}
