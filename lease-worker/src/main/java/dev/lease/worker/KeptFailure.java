package dev.lease.worker;

import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import org.jspecify.annotations.Nullable;

/**
 * A failure that is kept in place of the value of a step.
 *
 * @param type the class of the exception
 * @param message its message, or empty
 */
record KeptFailure(String type, String message) {

  /**
   * In front of a failure. It says only how to read the text: a codec that binds texts to what they
   * are refuses a value behind it, and a failure without it.
   */
  private static final String FAILED = "failed:";

  /** In front of a value that begins with a word of this class, which no JSON does. */
  private static final String VALUE = "value:";

  static KeptFailure of(Throwable failure) {
    return new KeptFailure(failure.getClass().getName(), ErrorText.message(failure));
  }

  String written(PayloadCodec codec, CodecContext ofStepFailure) {
    return FAILED + codec.write(this, KeptFailure.class, ofStepFailure);
  }

  /** The failure; null if this is the value of a step that did not fail. */
  static @Nullable KeptFailure read(String kept, PayloadCodec codec, CodecContext ofStepFailure) {
    return kept.startsWith(FAILED)
        ? (KeptFailure)
            codec.read(kept.substring(FAILED.length()), KeptFailure.class, ofStepFailure)
        : null;
  }

  static String escaped(String value) {
    return value.startsWith(FAILED) || value.startsWith(VALUE) ? VALUE + value : value;
  }

  static String unescaped(String kept) {
    return kept.startsWith(VALUE) ? kept.substring(VALUE.length()) : kept;
  }

  StepFailedException exception(String step, @Nullable Throwable cause) {
    return new StepFailedException(step, type, message, cause);
  }
}
