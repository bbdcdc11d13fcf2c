package dev.lease.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * Where a page of jobs of parts begins.
 *
 * @param source the number of the part, from 0 on
 * @param place the place of the job in it
 */
record GraphCursor(int source, int place) {

  /**
   * A part whose jobs are listed.
   *
   * @param onlyDone whether those are left out that are not DONE
   */
  record Source(String graph, String part, boolean onlyDone) {}

  static GraphCursor of(@Nullable String after) {
    if (after == null) {
      return new GraphCursor(0, 0);
    }
    int colon = after.indexOf(':');
    try {
      return new GraphCursor(
          Integer.parseInt(after.substring(0, Math.max(0, colon))),
          Integer.parseInt(after.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "after must come from a page of this store, was " + after, e);
    }
  }

  @Override
  public String toString() {
    return source + ":" + place;
  }
}
