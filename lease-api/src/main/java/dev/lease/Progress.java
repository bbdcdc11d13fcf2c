package dev.lease;

import org.jspecify.annotations.Nullable;

/** How far a job is, as its handler last reported. */
public final class Progress {

  private final int percent;
  private final String message;

  private Progress(int percent, @Nullable String message) {
    this.percent = Limits.between("percent", percent, 0, 100);
    this.message = Limits.message(message);
  }

  /**
   * Creates a progress. Cleans the message so that every store can keep it.
   *
   * @param percent 0 to 100
   * @param message a short message; one longer than {@value Limits#MAX_MESSAGE_CHARS} characters is
   *     cut, characters that cannot be stored are replaced, and null becomes the empty text
   * @return the progress
   * @throws IllegalArgumentException if the percentage is out of range
   */
  public static Progress of(int percent, @Nullable String message) {
    return new Progress(percent, message);
  }

  /** {@return how far the job is, 0 to 100} */
  public int percent() {
    return percent;
  }

  /** {@return the message, which may be empty} */
  public String message() {
    return message;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Progress that
        && percent == that.percent
        && message.equals(that.message);
  }

  @Override
  public int hashCode() {
    return 31 * percent + message.hashCode();
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "Progress[percent=" + percent + ", message=" + message + "]";
  }
}
