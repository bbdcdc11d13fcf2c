package dev.lease.redis;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.StoreException;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class EnqueueBatcherInterleavedTest {

  private static final Duration LONG = Duration.ofNanos(HOUR);
  private static final Duration SOON = Duration.ofSeconds(1);

  /** A server that answers each script on a thread of its own, in capital letters. */
  private static final class Server implements EnqueueBatcher.Runner {

    final Crew crew;
    final Queue<List<String>> scripts = new ConcurrentLinkedQueue<>();

    Server(Crew crew) {
      this.crew = crew;
    }

    List<String> jobs() {
      return scripts.stream().flatMap(Collection::stream).toList();
    }

    @Override
    public ScriptCall onQueue(String queue, Script script, List<String> args) {
      return new ScriptCall(script, new ScriptArgs.EncodedKeys(List.of(queue)), args);
    }

    @Override
    public Reply run(String what, ScriptCall call) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Reply runTogether(
        String what, ScriptCall call, Deadline deadline, Supplier<CompletableFuture<Reply>> begin) {
      CompletableFuture<Reply> answer = begin.get();
      // Not the timed get of the future: it reads the true time.
      var done = new CountDownLatch(1);
      var unused = answer.whenComplete((reply, e) -> done.countDown());
      try {
        if (!done.await(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
          throw StoreException.outcomeUnknown("no answer", null);
        }
        return answer.join();
      } catch (CompletionException e) {
        throw StoreException.outcomeUnknown("the script failed", e);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public CompletableFuture<Reply> send(ScriptCall call, Deadline deadline) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<CompletableFuture<Reply>> sendTogether(ScriptCall call, List<Deadline> deadlines) {
      scripts.add(call.args());
      List<CompletableFuture<Reply>> answers = new ArrayList<>();
      deadlines.forEach(each -> answers.add(new CompletableFuture<>()));
      crew.execute(() -> answer(call.args(), answers));
      return answers;
    }

    private static void answer(List<String> jobs, List<CompletableFuture<Reply>> answers) {
      for (int i = 0; i < jobs.size(); i++) {
        if (fails(jobs)) {
          answers.get(i).completeExceptionally(new IllegalStateException("the script failed"));
        } else if (!jobs.contains("hangs")) {
          answers.get(i).complete(new Reply(List.of(upper(jobs.get(i)))));
        }
      }
    }

    static boolean fails(List<String> jobs) {
      return jobs.contains("fails");
    }

    @Override
    public boolean confirms() {
      return false;
    }
  }

  private static String upper(String job) {
    return job.toUpperCase(Locale.ROOT);
  }

  private static String enqueue(EnqueueBatcher batcher, String job, Duration timeout) {
    try {
      return batcher.enqueue("q", List.of(job), Deadline.of(timeout)).text();
    } catch (StoreException e) {
      return e.isOutcomeUnknown() ? "unknown" : "not done";
    }
  }

  /** Planted: whether a script may go is asked, and its place taken, under two locks. */
  @Test
  void sendsEachJobOnceAndAnswersIt() {
    Schedules.search(
        "enqueue-once",
        () -> {
          var crew = new Crew();
          var server = new Server(crew);
          var batcher = new EnqueueBatcher(server);
          for (String job : List.of("a", "b", "c", "d", "e")) {
            crew.go(() -> assertThat(enqueue(batcher, job, LONG)).isEqualTo(upper(job)));
          }
          crew.join();

          assertThat(server.jobs()).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
        });
  }

  /** Planted: the next script goes only after one that has worked. */
  @Test
  void tellsAllCallersOfAScriptThatFails() {
    Schedules.search(
        "enqueue-fails",
        () -> {
          var crew = new Crew();
          var server = new Server(crew);
          var batcher = new EnqueueBatcher(server);
          Map<String, String> told = new ConcurrentHashMap<>();
          crew.go(() -> assertThat(enqueue(batcher, "fails", LONG)).isEqualTo("unknown"));
          crew.go(() -> assertThat(enqueue(batcher, "fails", LONG)).isEqualTo("unknown"));
          for (String job : List.of("a", "b", "c")) {
            crew.go(() -> told.put(job, enqueue(batcher, job, LONG)));
          }
          crew.join();

          assertThat(server.jobs()).containsExactlyInAnyOrder("a", "b", "c", "fails", "fails");
          for (List<String> jobs : server.scripts) {
            for (String job : jobs) {
              if (!job.equals("fails")) {
                assertThat(told).containsEntry(job, Server.fails(jobs) ? "unknown" : upper(job));
              }
            }
          }
        });
  }

  /** Planted: a caller that gives up does not look whether its job was sent. */
  @Test
  void saysThatAJobIsNotDoneOnlyIfItIsNotSent() {
    Schedules.search(
        "enqueue-not-done",
        () -> {
          var crew = new Crew();
          var server = new Server(crew);
          var batcher = new EnqueueBatcher(server);
          Map<String, String> told = new ConcurrentHashMap<>();
          for (String job : List.of("a", "b", "c")) {
            crew.go(() -> told.put(job, enqueue(batcher, job, SOON)));
          }
          for (int i = 0; i < 2; i++) {
            crew.go(() -> assertThat(enqueue(batcher, "hangs", SOON)).isNotEqualTo("HANGS"));
          }
          crew.join();

          assertThat(told).hasSize(3);
          told.forEach(
              (job, answer) ->
                  assertThat(answer)
                      .isIn(
                          server.jobs().contains(job)
                              ? List.of(upper(job), "unknown")
                              : List.of("not done")));
        });
  }

  /** Planted: callers that give up do not end the script that they waited for. */
  @Test
  void goesOnAfterScriptsThatHang() {
    Schedules.search(
        "enqueue-hangs",
        () -> {
          var crew = new Crew();
          var server = new Server(crew);
          var batcher = new EnqueueBatcher(server);
          for (int i = 0; i < 3; i++) {
            crew.go(() -> assertThat(enqueue(batcher, "hangs", SOON)).isNotEqualTo("HANGS"));
          }
          crew.join();

          assertThat(enqueue(batcher, "last", SOON)).isEqualTo("LAST");
        });
  }
}
