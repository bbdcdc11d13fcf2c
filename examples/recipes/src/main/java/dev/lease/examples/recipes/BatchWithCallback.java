package dev.lease.examples.recipes;

import dev.lease.JobState;
import dev.lease.OnFailure;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Outcome;
import dev.lease.worker.ParentJob;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/**
 * Three mails, and a job that runs when each of them is sent or has failed, to say which. Another
 * one runs only if all were sent; here it is cancelled.
 */
final class BatchWithCallback {

  static final JobType<String> MAIL = JobType.of("mails", "mail", String.class);
  static final JobType.Returning<String, String> REPORT =
      JobType.of("mails", "report", String.class).returning(String.class);
  static final JobType<String> CELEBRATE = JobType.of("mails", "celebrate", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(
                    MAIL,
                    (to, context) -> {
                      if (to.equals("bob")) {
                        throw Outcome.fail().because("no such mailbox");
                      }
                    })
                .handle(
                    REPORT,
                    (batch, context) -> {
                      List<String> failed =
                          context
                              .parents()
                              .filter(mail -> mail.state() != JobState.DONE)
                              .map(ParentJob::id)
                              .toList();
                      return "not sent: " + failed;
                    })
                .handle(CELEBRATE, (batch, context) -> {})
                .build()) {
      JobClient client = JobClient.of(backend);
      client.enqueue(
          client
              .graph("may", "mails")
              .addAll("mail", MAIL, List.of("ann", "bob", "cid"))
              .add("report", REPORT, "may")
              .after("mail")
              .onFailure(OnFailure.RUN)
              .add("celebrate", CELEBRATE, "may")
              .after("mail"));
      worker.start();

      Duration patience = Duration.ofSeconds(30);
      System.out.println(client.await(REPORT, "may/report/0", patience).result().orElseThrow());
      var celebration = client.await(CELEBRATE, "may/celebrate/0", patience);
      System.out.println("celebrate is " + celebration.state() + ": " + celebration.job().error());
    }
  }
}
