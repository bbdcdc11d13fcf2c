package dev.lease.worker;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a handler that its lease is lost, and the log, once. */
final class Losses {

  private static final Logger log = LoggerFactory.getLogger(Losses.class);

  private Losses() {}

  static void tell(Hold hold, Hold.Reason reason, String how) {
    // A hold whose handler has ended may well be gone by the time its extension is answered: its
    // settlement says what became of it [A08, A19].
    if (hold.tell(reason)) {
      log.warn("{} lost its lease: {}; its handler is interrupted", hold, how);
    }
  }
}
