package dev.lease.examples.mutants;

import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;

/** Listens to the statements with probes, see {@link Statements}, that the driver sends. */
final class PostgresqlProbes extends Handler implements Probes {

  /** Kept here, since the JDK may forget a logger that nobody has. */
  private static final Logger SENT = Logger.getLogger("org.postgresql.core.v3.QueryExecutorImpl");

  private final Set<String> reached = new TreeSet<>();

  PostgresqlProbes() {
    SENT.setUseParentHandlers(false);
    SENT.setLevel(Level.FINEST);
    SENT.addHandler(this);
  }

  @Override
  public synchronized void publish(LogRecord sent) {
    Matcher probe = Statements.PROBE.matcher(String.valueOf(sent.getMessage()));
    while (probe.find()) {
      reached.add(Blocks.first(probe.group(1)));
      reached.add(Blocks.name(probe.group(1), Integer.parseInt(probe.group(2))));
    }
  }

  @Override
  public synchronized Set<String> reached() {
    Set<String> all = Set.copyOf(reached);
    reached.clear();
    return all;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
