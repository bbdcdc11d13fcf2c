package dev.lease.examples.orderbot;

import dev.lease.JobAdmin;
import dev.lease.examples.shared.Cli;
import dev.lease.examples.shared.StoreOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** The program and its short commands. */
@Command(
    name = "order-bot",
    description = "Places orders from jobs that survive the death of their worker.",
    footer = "Exit codes: 0 success, 1 failure, 2 wrong usage.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      WorkerCommand.class,
      CreateJobsCommand.class,
      WatchCommand.class,
      ExchangeCommand.class,
      CrashTestCommand.class,
      SoakCommand.class
    })
public final class OrderBot {

  private static final int RESET_BATCH = 1000;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  private OrderBot() {}

  /**
   * Runs a command and exits.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    System.exit(commandLine(CommandLine.defaultFactory()).execute(args));
  }

  static CommandLine commandLine(IFactory commands) {
    return Cli.of(new OrderBot(), commands);
  }

  @Command(name = "migrate", description = "Creates or updates the tables of the store.")
  void migrate(@Mixin StoreOptions store) {
    boolean migrated = Store.migrate(store.name());
    System.out.println(
        migrated
            ? "The tables of " + store.name() + " are up to date."
            : "There is nothing to migrate in " + store.name() + ".");
  }

  @Command(name = "status", description = "Shows how many jobs there are and who works on what.")
  void status(@Mixin QueueOptions options) {
    try (Store store = Store.openToLook(options.name())) {
      System.out.print(Views.status(options.jobs(store)));
    }
  }

  @Command(name = "leases", description = "Shows who holds which job, with token and expiry.")
  void leases(@Mixin QueueOptions options) {
    try (Store store = Store.openToLook(options.name())) {
      System.out.print(Views.leases(options.jobs(store)));
    }
  }

  @Command(name = "failed", description = "Shows the jobs that failed, and why.")
  void failed(@Mixin QueueOptions options) {
    try (Store store = Store.openToLook(options.name())) {
      System.out.print(Views.failed(options.jobs(store)));
    }
  }

  @Command(
      name = "reset-expired",
      description = {
        "Lets jobs whose lease has expired wait again.",
        "Recovery does not need it: workers take expired jobs directly."
      })
  void resetExpired(@Mixin QueueOptions options) {
    try (Store store = Store.open(options.name())) {
      int total = 0;
      int reset;
      do {
        reset = store.jobAdmin().resetExpired(options.queue(), RESET_BATCH).count();
        total += reset;
      } while (reset == RESET_BATCH);
      System.out.println("Reset " + total + " jobs.");
    }
  }

  @Command(
      name = "cancel",
      description = {
        "Cancels a job: a waiting one at once, a running one when its worker learns of it.",
        "A job that is done before that stays done."
      })
  int cancel(
      @Parameters(paramLabel = "JOB", description = "the id of the job") String job,
      @Mixin QueueOptions options) {
    try (Store store = Store.open(options.name())) {
      JobAdmin.Cancellation cancellation = store.jobAdmin().cancel(options.queue(), job);
      System.out.println(
          job
              + switch (cancellation) {
                case CANCELLED -> " is cancelled.";
                case REQUESTED ->
                    " is running; its worker learns of it with the next extension of its lease.";
                case FINISHED -> " has already finished.";
                case NOT_FOUND -> " is not in queue " + options.queue() + ".";
              });
      return cancellation == JobAdmin.Cancellation.NOT_FOUND ? ExitCode.SOFTWARE : ExitCode.OK;
    }
  }

  @Command(
      name = "pause",
      description = "Keeps workers from taking jobs of the queue; running jobs go on.")
  void pause(@Mixin QueueOptions options) {
    try (Store store = Store.open(options.name())) {
      store.jobAdmin().pause(options.queue());
      System.out.println("Queue " + options.queue() + " is paused.");
    }
  }

  @Command(name = "resume", description = "Lets workers take jobs of a paused queue again.")
  void resume(@Mixin QueueOptions options) {
    try (Store store = Store.open(options.name())) {
      store.jobAdmin().resume(options.queue());
      System.out.println("Queue " + options.queue() + " is no longer paused.");
    }
  }
}
