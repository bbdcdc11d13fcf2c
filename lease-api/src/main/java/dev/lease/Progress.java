package dev.lease;

import org.jspecify.annotations.Nullable;

/**
 * How far a job is, as its handler last said.
 *
 * @param percent 0 to 100
 * @param message a word on it, at most 1000 characters; longer ones are cut, and what cannot be
 *     stored is replaced
 */
public record Progress(int percent, String message) {

  /** Checks the percentage and cleans the message; null becomes the empty text. */
  public Progress(int percent, @Nullable String message) {
    this.percent = Limits.between("percent", percent, 0, 100);
    this.message = Limits.message(message);
  }
}
