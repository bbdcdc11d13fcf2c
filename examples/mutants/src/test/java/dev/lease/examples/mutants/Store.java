package dev.lease.examples.mutants;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lease.testkit.server.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A store whose statements are changed, and its tests. */
@SuppressWarnings("ImmutableEnumChecker") // Its lists are, and a mutator has no state.
enum Store {
  SQLITE(
      "lease-jdbc",
      "dev/lease/jdbc",
      "sql",
      List.of("sqlite", "common"),
      new SqlMutator(),
      "Sqlite",
      List.of(
          "SqliteCallersTransactionContractTest",
          "UnkeptJobsTest",
          "FailedAttemptsTest",
          "LeaseSweepTest",
          "ResetSlicesTest",
          "TokensTest",
          "FenceTest")),
  POSTGRESQL(
      "lease-jdbc",
      "dev/lease/jdbc",
      "sql",
      List.of("postgresql"),
      new SqlMutator(),
      "Postgresql",
      List.of(
          "PostgresqlCallersTransactionContractTest",
          "LockedRowsTest",
          "LeaseTripsTest",
          "UnkeptJobsTest",
          "FailedAttemptsTest",
          "LeaseSweepTest",
          "ResetSlicesTest",
          "TokensTest",
          "FenceTest",
          "RememberedIdsTest",
          "PostgresqlClaimTest",
          "RequeueTogetherTest")) {
    @Override
    Probes probes() {
      return new PostgresqlProbes();
    }

    @Override
    Map<String, String> environment() {
      if (System.getenv(URL) != null) {
        throw new IllegalStateException(
            URL + " is set, but the run drops the databases of its server: unset it");
      }
      // The driver is to send each statement with its text, for the probes.
      return Map.of(URL, TestServers.postgresql().newDatabase() + "&prepareThreshold=0");
    }

    @Override
    void cleanUp() throws IOException {
      try (Connection connection = DriverManager.getConnection(System.getenv(URL));
          Statement statement = connection.createStatement()) {
        List<String> left = new ArrayList<>();
        try (ResultSet names =
            statement.executeQuery(
                "select datname from pg_database"
                    + " where datname like 'lease_test_%' and datname <> current_database()")) {
          while (names.next()) {
            left.add(names.getString(1));
          }
        }
        for (String name : left) {
          statement.execute("drop database " + name + " with (force)");
        }
      } catch (SQLException e) {
        throw new IOException(e);
      }
    }
  },
  REDIS(
      "lease-redis",
      "dev/lease/redis",
      "lua",
      List.of("", "lib"),
      new LuaMutator(),
      "Redis",
      List.of(
          "RedisLeaseNamesTest",
          "RedisBoundsTest",
          "RedisActionsTest",
          "RedisListTest",
          "RedisRepairTest",
          "RedisRowsTest",
          "RedisRetentionTest",
          "RedisClockSetTest",
          "RedisNextVersionTest",
          "RedisQueuesTest",
          "RedisBackendTest")) {
    @Override
    Probes probes() throws IOException {
      return new RedisProbes(server());
    }

    @Override
    void cleanUp() throws IOException {
      URI server = server();
      try (var socket = new Socket(server.getHost(), server.getPort())) {
        socket.getOutputStream().write("FLUSHALL\r\nSCRIPT FLUSH\r\nQUIT\r\n".getBytes(US_ASCII));
        String replies = new String(socket.getInputStream().readAllBytes(), US_ASCII);
        if (replies.startsWith("-")) {
          // A script of the mutant may run for ever. The process ends, and its server with it.
          throw new IOException("Redis could not be emptied: " + replies);
        }
      }
    }

    /** The server belongs to this process alone, see MutationRun. */
    private static URI server() {
      return URI.create(TestServers.redis());
    }
  };

  private static final String URL = "LEASE_TEST_POSTGRESQL_URL";

  /** SQLite has one writer at a time, and so no locks of dedup keys. */
  private static final Set<String> NEVER_RUN = Set.of("common/key_lock.sql");

  private final String module;
  private final String folder;
  private final String files;
  private final List<String> subfolders;
  private final Mutator mutator;
  private final String tests;
  private final List<String> ownTests;

  Store(
      String module,
      String folder,
      String files,
      List<String> subfolders,
      Mutator mutator,
      String tests,
      List<String> ownTests) {
    this.module = module;
    this.folder = folder;
    this.files = files;
    this.subfolders = subfolders;
    this.mutator = mutator;
    this.tests = tests;
    this.ownTests = ownTests;
  }

  /** The folder of the whole project, seen from that of this module. */
  static final Path ROOT = Path.of("..", "..");

  List<Path> classes(Path root) {
    return List.of(
        root.resolve(module).resolve("target/classes"),
        root.resolve(module).resolve("target/test-classes"));
  }

  /** Where a file is looked for on the class path. */
  String path(String file) {
    return folder + "/" + files + "/" + file;
  }

  String text(Path root, String file) {
    try {
      return Files.readString(
          root.resolve(module).resolve("src/main/resources").resolve(path(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file that says which of its blocks it reaches, if there is a way to say it. */
  String withProbes(Path root, String file) {
    String text = text(root, file);
    return switch (this) {
      case SQLITE -> text;
      case POSTGRESQL -> new Statements(text).withProbes(file);
      case REDIS -> new Blocks(text).withProbes(file);
    };
  }

  /** The block that a mutant changes. */
  String block(Path root, Mutant mutant) {
    String text = text(root, mutant.file());
    return Blocks.name(
        mutant.file(),
        switch (this) {
          case SQLITE -> 0;
          case POSTGRESQL -> new Statements(text).changedIn(mutant.text());
          case REDIS -> new Blocks(text).changedIn(mutant.text());
        });
  }

  /** Listens to what the files with probes say, or null if they say nothing. */
  Probes probes() throws IOException {
    return null;
  }

  /** How the names of the store's classes and files begin. */
  String folder() {
    return folder + "/";
  }

  /** The classes that run the kit on what a file is for, with the kit's clock or the store's. */
  List<String> contracts(String file, boolean frozenClock) {
    return Stream.of("LeaseStore", "JobQueue", "JobAdmin")
        .filter(name -> file.isEmpty() || name.equals("LeaseStore") == isOfLeases(file))
        .map(name -> tests + (frozenClock ? "FrozenClock" : "") + name + "ContractTest")
        .map(this::named)
        .toList();
  }

  /** Whether a file is for named leases; all others are for jobs. */
  private static boolean isOfLeases(String file) {
    return file.matches(".*/lease_.*|acquire.*|renew.*|release.*|.*-leases?\\.lua");
  }

  /**
   * The classes with tests of what the kit does not ask; that of lease names for their files only.
   */
  List<String> ownTests(String file) {
    return ownTests.stream()
        .filter(name -> file.isEmpty() || isOfLeases(file) || !name.contains("LeaseNames"))
        .map(this::named)
        .toList();
  }

  private String named(String test) {
    return folder.replace('/', '.') + "." + test;
  }

  List<Mutant> mutants(Path root) {
    List<Mutant> mutants = new ArrayList<>();
    Path all = root.resolve(module).resolve("src/main/resources").resolve(folder).resolve(files);
    for (String subfolder : subfolders) {
      Path own = all.resolve(subfolder);
      try (Stream<Path> found = Files.list(own)) {
        for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
          String name = all.relativize(file).toString().replace('\\', '/');
          if (!isReplaced(all, file) && !NEVER_RUN.contains(name)) {
            mutants.addAll(mutator.mutants(name, Files.readString(file)));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return mutants;
  }

  /** How many mutants each file has, in the order of the files. */
  Map<String, Integer> numbers(Path root) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    mutants(root).forEach(mutant -> numbers.merge(mutant.file(), 1, Integer::sum));
    return numbers;
  }

  /** A file in an earlier folder stands for those of the same name in later ones. */
  private boolean isReplaced(Path all, Path file) {
    for (String earlier : subfolders) {
      Path folder = all.resolve(earlier).normalize();
      if (folder.equals(file.getParent().normalize())) {
        return false;
      }
      if (Files.exists(folder.resolve(file.getFileName()))) {
        return true;
      }
    }
    return false;
  }

  /** The name of the store on its page. */
  String title() {
    return switch (this) {
      case SQLITE -> "lease-jdbc, on SQLite";
      case POSTGRESQL -> "lease-jdbc, on PostgreSQL";
      case REDIS -> "lease-redis";
    };
  }

  /** The class that runs the kit on all mutants. */
  String runner() {
    return tests + "Mutants";
  }

  /** Names in the titles of tests that are of other databases than this. */
  String otherDatabases() {
    return this == POSTGRESQL ? "sqlite|mariadb" : "postgresql|mariadb";
  }

  /**
   * For the process that runs the tests: it has a server that no other uses, since that is emptied
   * after each mutant.
   */
  Map<String, String> environment() {
    return Map.of("LEASE_TEST_SERVERS", "embedded");
  }

  /** Removes what a mutant has left in a server. */
  void cleanUp() throws IOException {}
}
