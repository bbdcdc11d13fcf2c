package dev.lease.console;

import dev.lease.Backend;
import dev.lease.examples.shared.Cli;
import dev.lease.examples.shared.Failure;
import dev.lease.examples.shared.StoreOptions;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The console as a program. */
@Command(
    name = "lease-console",
    description = "Shows and changes the jobs of a store in a browser. It makes no store.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
public final class ConsoleProgram extends StoreOptions implements Callable<Integer> {

  /** The environment variable with the password of --user. */
  private static final String PASSWORD = "LEASE_CONSOLE_PASSWORD";

  private static final String LOGGING = "logback.configurationFile";

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** As many as the console has calls under way at once, and one for a bulk act. */
  private static final int CONNECTIONS = 3;

  @Option(
      names = "--port",
      defaultValue = "8391",
      description = "the port (${DEFAULT-VALUE}); 0 for any")
  private int port;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "the address to listen on (${DEFAULT-VALUE}); others need --user")
  private String bind;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description = "a name by which browsers reach the console")
  private String[] hosts = {};

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "ask for this name, and the password in the variable " + PASSWORD)
  private @Nullable String user;

  @Option(names = "--read-only", description = "let nobody change anything")
  private boolean readOnly;

  @Option(names = "--show-payloads", description = "show payloads, results, headers and steps")
  private boolean payloads;

  @Option(names = "--schema", paramLabel = "NAME", description = "the schema with the tables")
  private @Nullable String schema;

  @Option(names = "--prefix", paramLabel = "NAME", description = "how the keys begin in Redis")
  private @Nullable String prefix;

  @Spec private CommandSpec spec;

  private ConsoleProgram() {}

  /**
   * Runs the console until the program is stopped.
   *
   * @param args the options
   */
  public static void main(String[] args) {
    if (System.getProperty(LOGGING) == null) {
      // Not by the name that Logback looks for: a program with the console in it would take it.
      System.setProperty(LOGGING, "dev/lease/console/logback.xml");
    }
    System.exit(Cli.of(new ConsoleProgram()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    try (Backend backend = open();
        Console console = builder(backend).start()) {
      // An act on many jobs ends after its piece, and the log says how far it came.
      Runtime.getRuntime().addShutdownHook(new Thread(console::close, "lease-console-stop"));
      spec.commandLine().getOut().println("The console of " + name() + " is at " + console.url());
      new CountDownLatch(1).await();
    }
    return 0;
  }

  private Console.Builder builder(Backend backend) {
    Console.Builder builder = Console.on(backend).port(port).bind(bind);
    for (String host : hosts) {
      builder.allowHost(host);
    }
    if (user != null) {
      String password = System.getenv(PASSWORD);
      if (password == null) {
        throw new IllegalArgumentException("--user wants its password in the variable " + PASSWORD);
      }
      builder.basic(user, password, Access.CHANGE);
    }
    if (readOnly) {
      builder.readOnly();
    }
    return payloads ? builder.showPayloads() : builder;
  }

  private Backend open() {
    try {
      return name().isRedis() ? redis() : jdbc();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          Failure.inWords(e) + " (the console makes no store and migrates none)", e);
    }
  }

  private Backend redis() {
    RedisConfig config =
        RedisConfig.of(name().url())
            .withCallTimeout(PATIENCE)
            .withAllowEviction(true)
            .withMigrate(false);
    return RedisBackend.open(prefix == null ? config : config.withPrefix(prefix));
  }

  private Backend jdbc() {
    JdbcConfig config =
        JdbcConfig.of(name().url())
            .withCallTimeout(PATIENCE)
            .withPoolSize(name().isFile() ? 1 : CONNECTIONS)
            .withMigrate(false);
    return JdbcBackend.open(schema == null ? config : config.withSchema(schema));
  }
}
