package dev.lease.examples.benchmark;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
    name = "snapshot",
    description =
        "A drain while another transaction holds a snapshot, so that the database cannot clean up.")
final class SnapshotCommand extends Workload {

  @Override
  RunOptions.Defaults defaults() {
    return new RunOptions.Defaults("tuned", 100_000, 0);
  }

  @Override
  List<Result> run(Stage stage) throws Exception {
    Settings settings = stage.settings();
    stage.once("setup", settings);
    Drain.fill(stage, settings);
    Map<String, Object> drained;
    try (Connection holder = DriverManager.getConnection(stage.store().url());
        Statement statement = holder.createStatement()) {
      for (String text : snapshot(stage.store().kind())) {
        statement.execute(text);
      }
      drained = Drain.drain(stage, settings);
    }
    drained.putAll(stage.once("left", settings));
    Result result = result(stage).measured(drained);
    double ratio = result.number("last") / result.number("first");
    return List.of(result.put("last_to_first", Statistics.rounded(ratio)));
  }

  private static List<String> snapshot(StoreKind kind) {
    return switch (kind) {
      case POSTGRESQL -> List.of("begin isolation level repeatable read", "select txid_current()");
      case MARIADB ->
          List.of(
              "set transaction isolation level repeatable read",
              "start transaction with consistent snapshot");
      case SQLITE -> List.of("begin", "select count(*) from sqlite_master");
      case REDIS -> throw new UnsupportedOperationException("Redis has no snapshots");
    };
  }
}
