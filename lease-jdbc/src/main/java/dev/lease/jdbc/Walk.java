package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look at some jobs that are not finished, where it is a statement of its own.
 *
 * @param found the numbers of those to change
 * @param next the last one, if there may be more behind it
 */
record Walk(List<Long> found, @Nullable Place next) {

  static Walk over(Session session, String text, Dialect.Resetting resetting) throws SQLException {
    var found = new ArrayList<Long>();
    List<Place> places =
        resetting
            .bind(session.call(text))
            .bind("slice", resetting.slice())
            .list(
                row -> {
                  if (row.getBoolean("found")) {
                    found.add(row.getLong("seq"));
                  }
                  boolean last = row.getLong("place") == resetting.slice();
                  return last || found.size() == resetting.limit() ? Place.of(row) : Place.START;
                });
    Place last = places.isEmpty() ? Place.START : places.get(places.size() - 1);
    return new Walk(found, last.equals(Place.START) ? null : last);
  }
}
