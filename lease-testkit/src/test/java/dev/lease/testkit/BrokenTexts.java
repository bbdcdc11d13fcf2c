package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.job;

import dev.lease.ClaimedJob;
import dev.lease.NewJob;
import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Texts that a store keeps in most cases, but not in all. */
final class BrokenTexts {

  static final List<BrokenStore> ALL =
      List.of(
          payload(
              "a byte order mark is dropped",
              text -> text.startsWith("\uFEFF") ? text.substring(1) : text),
          payload("a line end becomes that of Unix", text -> text.replace("\r\n", "\n")),
          payload("blanks around a payload are cut", String::strip),
          payload(
              "a payload that looks like a decimal is stored as one",
              text -> text.matches("\\d+\\.\\d+") ? text.replaceAll("0+$", "") : text),
          payload(
              "a payload that looks like JSON loses its blanks",
              text -> text.startsWith("{") ? text.replaceAll("[ \n]", "") : text),
          headers("a header is cut at a line end", value -> value.lines().findFirst().orElse("")),
          job(
              "Q01",
              "the names of headers are stored in lower case",
              (input, place, now) ->
                  new InMemoryJob(Headers.only(lowerCase(input.headers()), input), place, now)),
          claims(
                  "the headers are given in the first attempt only",
                  (job, claimed) ->
                      job.attempts > 1 ? claimed.toBuilder().headers(Map.of()).build() : claimed)
              .alsoFails("Q11"),
          claims(
                  "the headers are lost after a retry",
                  (job, claimed) ->
                      job.error != null ? claimed.toBuilder().headers(Map.of()).build() : claimed)
              .alsoFails("Q11"),
          job(
              "Q24",
              "a shorter progress message keeps the end of the one before",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void progress(Progress next) {
                      String before = progress == null ? "" : progress.message();
                      String said = next.message();
                      super.progress(
                          before.length() > said.length() && !said.isEmpty() && said.length() < 5
                              ? Progress.of(next.percent(), said + before.substring(said.length()))
                              : next);
                    }
                  }),
          job(
                  "Q26",
                  "an empty first value of a step is no value",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        String checkpoint(String step, String value) {
                          checkpoints.values().removeIf(String::isEmpty);
                          return super.checkpoint(step, value);
                        }
                      })
              .alsoFails("Q87"));

  private BrokenTexts() {}

  private static Map<String, String> lowerCase(Map<String, String> headers) {
    Map<String, String> lower = new HashMap<>();
    headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
    return lower;
  }

  private static BrokenStore payload(String how, UnaryOperator<String> change) {
    return changed(how, job -> job.toBuilder().payload(change.apply(job.payload())).build());
  }

  private static BrokenStore headers(String how, UnaryOperator<String> change) {
    return changed(
        how,
        job -> {
          Map<String, String> headers = new HashMap<>(job.headers());
          headers.replaceAll((name, value) -> change.apply(value));
          return Headers.only(headers, job);
        });
  }

  private static BrokenStore changed(String how, UnaryOperator<NewJob> change) {
    return job("Q01", how, (input, place, now) -> new InMemoryJob(change.apply(input), place, now));
  }

  private interface Claimed {
    ClaimedJob change(InMemoryJob job, ClaimedJob claimed);
  }

  private static BrokenStore claims(String how, Claimed change) {
    return job(
        "Q01",
        how,
        (input, place, now) ->
            new InMemoryJob(input, place, now) {
              @Override
              ClaimedJob claim(String worker, long newToken, Duration duration, Instant at) {
                return change.change(this, super.claim(worker, newToken, duration, at));
              }
            });
  }
}
