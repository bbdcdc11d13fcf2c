package dev.lease.jdbc;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A look at some jobs that are not finished, where it is a statement of its own.
 *
 * @param found the numbers of those to change
 * @param next the last one, if there may be more behind it
 */
record Walk(List<Long> found, @Nullable Place next) {

  static Walk over(Handle handle, String text, Dialect.Resetting resetting) {
    var found = new ArrayList<Long>();
    List<Place> places =
        resetting
            .bind(handle.createQuery(text))
            .bind("slice", resetting.slice())
            .map(
                (row, context) -> {
                  if (row.getBoolean("found")) {
                    found.add(row.getLong("seq"));
                  }
                  boolean last = row.getLong("place") == resetting.slice();
                  return last || found.size() == resetting.limit() ? Place.of(row) : Place.START;
                })
            .list();
    Place last = places.isEmpty() ? Place.START : places.get(places.size() - 1);
    return new Walk(found, last.equals(Place.START) ? null : last);
  }
}
