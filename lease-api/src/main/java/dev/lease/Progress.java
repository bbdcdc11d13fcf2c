package dev.lease;

import org.jspecify.annotations.Nullable;

/**
 * How far a job is, as its handler last reported.
 *
 * @param percent 0 to 100
 * @param message a short message, at most 1000 characters; a longer one is cut, and characters that
 *     cannot be stored are replaced
 */
public record Progress(int percent, String message) {

  /**
   * Checks the percentage and cleans the message.
   *
   * @param percent 0 to 100
   * @param message a short message; null becomes the empty text
   */
  public Progress(int percent, @Nullable String message) {
    this.percent = Limits.between("percent", percent, 0, 100);
    this.message = Limits.message(message);
  }
}
