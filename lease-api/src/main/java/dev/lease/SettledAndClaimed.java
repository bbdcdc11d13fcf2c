package dev.lease;

import java.util.List;

/**
 * The answer to {@link JobQueue#settleAndClaim}.
 *
 * @param settled what became of the settlements, positional
 * @param claimed the jobs claimed
 */
public record SettledAndClaimed(List<Settlement.Result> settled, List<ClaimedJob> claimed) {

  /** Copies the lists. */
  public SettledAndClaimed {
    settled = List.copyOf(settled);
    claimed = List.copyOf(claimed);
  }
}
