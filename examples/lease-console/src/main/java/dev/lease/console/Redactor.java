package dev.lease.console;

/** Takes secrets out of what the console shows. Called by many threads. */
@FunctionalInterface
public interface Redactor {

  /**
   * Redacts a text of a job: an error, a payload, a result, a header, the value of a step, or the
   * message of its progress.
   *
   * @param text the text as the store has it
   * @return what is shown in its place
   */
  String redact(String text);
}
