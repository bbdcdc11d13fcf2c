package dev.lease.cli;

import dev.lease.Admission;
import dev.lease.KeyLimit;
import dev.lease.Limits;
import dev.lease.examples.shared.Durations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Sets limits of keys, and brings the jobs that wait to them. */
@Command(
    name = "limit",
    description = {
      "Limits how many jobs of a key run at once, in which order, and how often one starts.",
      "Jobs that wait are brought to the limit at once; those that run go on."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class LimitCommand extends KeyCommand {

  private static final Pattern RATE = Pattern.compile("(\\d{1,9})/(.+)");

  private static final String NONE = "none";

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "the key; without it each key that has no limit of its own")
  private @Nullable String key;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "how many jobs of the key run at once: 0, which stops it, to 1000")
  private @Nullable Integer slots;

  @Option(
      names = "--in-order",
      description = "strictly one after the other; one that is retried keeps its slot")
  private boolean inOrder;

  @Option(
      names = "--rate",
      paramLabel = "N/TIME",
      description = "how many start in a time, evenly spread: 100/1m")
  private @Nullable String rate;

  @Option(
      names = "--burst",
      paramLabel = "N",
      description = "how many more start at once after a rest (0)")
  private @Nullable Integer burst;

  @Option(names = "--none", description = "remove the limit")
  private boolean none;

  @Option(
      names = "--queue-slots",
      paramLabel = "N",
      description = "how many jobs of all keys run at once; none to remove this limit")
  private @Nullable String queueSlots;

  private @Nullable KeyLimit limit;

  private @Nullable Integer slotsOfQueue;

  @Override
  void check() {
    if (key != null) {
      Limits.name("--key", key);
    }
    int ways = (slots != null ? 1 : 0) + (none ? 1 : 0) + (queueSlots != null ? 1 : 0);
    if (ways != 1) {
      throw new IllegalArgumentException("name one of --slots, --none and --queue-slots");
    }
    if (slots == null && (inOrder || rate != null)) {
      throw new IllegalArgumentException("--in-order and --rate need --slots");
    }
    if (burst != null && rate == null) {
      throw new IllegalArgumentException("--burst needs --rate");
    }
    if (queueSlots != null) {
      slotsOfQueue = slotsOfQueue(queueSlots);
    } else if (slots != null) {
      limit = limit(slots);
    }
    if (queueSlots != null && key != null) {
      throw new IllegalArgumentException("--queue-slots is for all keys: leave --key out");
    }
  }

  private static @Nullable Integer slotsOfQueue(String number) {
    if (number.equals(NONE)) {
      return null;
    }
    try {
      return Limits.between("--queue-slots", Integer.parseInt(number), 0, KeyLimit.MAX_SLOTS);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--queue-slots is a number or none, was '" + number + "'", e);
    }
  }

  private KeyLimit limit(int number) {
    KeyLimit limit = KeyLimit.of(number);
    if (inOrder) {
      limit = limit.inOrder();
    }
    return rate == null
        ? limit
        : limit.withRate(starts(rate), period(rate), Objects.requireNonNullElse(burst, 0));
  }

  private static int starts(String rate) {
    return Integer.parseInt(parts(rate).group(1));
  }

  private static Duration period(String rate) {
    try {
      return Durations.parse(parts(rate).group(2));
    } catch (TypeConversionException e) {
      throw new IllegalArgumentException("--rate: " + e.getMessage(), e);
    }
  }

  private static Matcher parts(String rate) {
    Matcher parts = RATE.matcher(rate);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "--rate is a number and a time, 100/1m, was '" + rate + "'");
    }
    return parts;
  }

  @Override
  @Nullable String key() {
    return key;
  }

  @Override
  @Nullable String slip(OpenStore store) {
    String unknown = unknown(store, "limited");
    boolean isDrastic = none || (slots != null && slots == 0);
    if (unknown != null || key != null || !isDrastic) {
      return unknown;
    }
    long heldBack = store.heldBack(queue());
    return "Each key of queue %s without a limit of its own would have %s; %s held back now. Nothing was changed: name one with --key, or add --yes to do it."
        .formatted(queue(), KeyText.of(limit), heldBack == 1 ? "1 job is" : heldBack + " jobs are");
  }

  @Override
  void change(OpenStore store, Output out) {
    Admission admission = store.admission();
    if (queueSlots != null) {
      admission.limitQueue(queue(), slotsOfQueue);
    } else {
      admission.limit(queue(), key, limit);
    }
    out.say(whatIsSet());
    LongWork work = longWork(out);
    int piece = Limits.MAX_BATCH;
    while (piece == Limits.MAX_BATCH && work.goesOn()) {
      piece = admission.apply(queue(), Limits.MAX_BATCH);
      work.add(piece);
    }
    long changed = work.done();
    out.say(changed + (changed == 1 ? " job was" : " jobs were") + " brought to it.");
    if (out.isJson()) {
      Map<String, @Nullable Object> document = new LinkedHashMap<>();
      document.put("queue", queue());
      document.put("key", key);
      document.put("changed", changed);
      out.json(document);
    }
  }

  private String whatIsSet() {
    if (queueSlots != null) {
      return "All keys of queue %s together have %s."
          .formatted(
              queue(), slotsOfQueue == null ? "any number of slots" : KeyText.slots(slotsOfQueue));
    }
    if (key == null) {
      return "A key of queue %s without a limit of its own has %s."
          .formatted(queue(), KeyText.of(limit));
    }
    return limit == null
        ? "Key %s of queue %s has no limit of its own.".formatted(key, queue())
        : "Key %s of queue %s has %s.".formatted(key, queue(), KeyText.of(limit));
  }
}
