package dev.lease.console;

import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.OperatorAction;
import dev.lease.Progress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a viewer does not get to see. All that a page shows of a job goes through it. */
record Curtain(boolean open, UnaryOperator<String> redactor) {

  static Curtain of(Store store, Viewer viewer) {
    return new Curtain(store.settings().payloads() && viewer.seesPayloads(), store.redactor());
  }

  Job job(Job job) {
    Progress progress = job.progress();
    return job.toBuilder()
        .payload(value(job.payload()))
        .result(job.result() == null ? null : value(job.result()))
        .headers(open ? headers(job) : Map.of())
        .progress(
            progress == null
                ? null
                : Progress.of(progress.percent(), open ? redact(progress.message()) : ""))
        .error(error(job.error()))
        .build();
  }

  private Map<String, String> headers(Job job) {
    Map<String, String> shown = new TreeMap<>(job.headers());
    shown.replaceAll((name, value) -> redact(value));
    return shown;
  }

  /** A payload, a result, or the value of a step. */
  String value(String value) {
    return open ? redact(value) : "";
  }

  @Nullable String error(@Nullable String error) {
    return error == null ? null : redact(error);
  }

  String error(FailedAttempt attempt) {
    return redact(attempt.error());
  }

  /** What operators did: a change of a job has its payload before and after it. */
  List<OperatorAction> actions(List<OperatorAction> actions) {
    return actions.stream()
        .map(
            action ->
                OperatorAction.builder(
                        action.at(), action.operator(), action.kind(), action.queue())
                    .id(action.id())
                    .changed(action.changed())
                    .what(
                        open || action.kind() != OperatorAction.Kind.CHANGE
                            ? redact(action.what())
                            : "")
                    .build())
        .toList();
  }

  private String redact(String text) {
    return redactor.apply(text);
  }
}
