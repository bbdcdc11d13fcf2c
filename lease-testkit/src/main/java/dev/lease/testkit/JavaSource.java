package dev.lease.testkit;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.Job;
import dev.lease.JobChange;
import dev.lease.JobCount;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.PartPage;
import dev.lease.PartState;
import dev.lease.Progress;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StepValue;
import dev.lease.StoreCounts;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes values of the SPI, and calls with them, as Java source text that can be pasted into a
 * test.
 *
 * <p>The text needs imports of {@code dev.lease.*}, {@code java.time.*} and {@code java.util.*}. A
 * value that has no text, such as a callback, becomes null with a comment that names its type.
 */
final class JavaSource {

  private static final JavaSource PLAIN = new JavaSource(Map.of());

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /** The longest string literal; the compiler accepts at most 65,535 bytes. */
  private static final int MAX_LITERAL = 20_000;

  /** From this length on, a text that repeats itself is written with {@code repeat}. */
  private static final int LONG = 60;

  /** How many elements of a collection are enough for a reader. */
  private static final int FEW = 5;

  private static final List<ChronoUnit> UNITS =
      List.of(
          ChronoUnit.DAYS,
          ChronoUnit.HOURS,
          ChronoUnit.MINUTES,
          ChronoUnit.SECONDS,
          ChronoUnit.MILLIS);

  /** How a value is made: what is required, and what is optional. */
  private record Built(List<String> required, List<String> optional) {}

  private static final Map<Class<?>, Built> BUILT =
      Map.of(
          NewJob.class,
          built(
              "queue id type payload",
              "priority due notAfter maxCrashes maxFailures dedupKey dedupFor key headers keep"),
          Job.class,
          built(
              "queue id type payload",
              "priority maxCrashes maxFailures notAfter dedupKey dedupUntil key heldBack"
                  + " waitsForParts headers keep state attempts failures claimedAt token lease"
                  + " cancelRequested progress result error createdAt dueAt finishedAt asOf"),
          ClaimedJob.class,
          built(
              "lease type payload",
              "attempt failures maxCrashes maxFailures priority dueAt claimedAt notAfter key"
                  + " headers"),
          FinishedJob.class,
          built("queue id type state", "attempts failures error"),
          QueueCounts.class,
          built("queue asOf", "jobs expired heldBack waitingForParts oldestDue paused"),
          KeyState.class,
          built("key", "limit admitted held heldBack nextStart"),
          JobChange.class,
          built("", "due priority crashesLeft failuresLeft notAfter payload"),
          FailedAttempt.class,
          built("attempt owner token at", "claimedAt error"),
          OperatorAction.class,
          built("at operator kind queue", "id changed what"));

  /** What {@code of} takes, and what {@code with} adds. */
  private static final Map<Class<?>, Built> MADE_BY_OF =
      Map.ofEntries(
          Map.entry(JobLease.class, built("queue jobId owner token expiresAt", "place")),
          Map.entry(Lease.class, built("name owner token expiresAt asOf", "note")),
          Map.entry(Progress.class, built("percent message", "")),
          Map.entry(Enqueued.class, built("id created", "")),
          Map.entry(PartState.class, built("part stage jobs done failed cancelled", "")),
          Map.entry(PartPage.class, built("parts next", "")),
          Map.entry(Claim.class, built("jobs finished more", "")),
          Map.entry(Reset.class, built("count finished", "")),
          Map.entry(Operator.class, built("name reason", "")),
          Map.entry(ActionPage.class, built("actions next", "missing")),
          Map.entry(LeasePage.class, built("leases next", "missing")),
          Map.entry(JobPiece.class, built("changed next", "missing")),
          Map.entry(JobPage.class, built("jobs next examined", "missing")),
          Map.entry(JobCount.class, built("jobs", "missing")),
          Map.entry(StoreCounts.class, built("queues", "missing")),
          Map.entry(KeyPage.class, built("keys next", "")),
          Map.entry(StepValue.class, built("name value keptAt", "")),
          Map.entry(SettledAndClaimed.class, built("settled claim", "")));

  /** What the factories take that have the names of these nested classes. */
  private static final Map<Class<?>, List<String>> KINDS =
      Map.of(
          Settlement.Done.class,
          names("lease result"),
          Settlement.Retry.class,
          names("lease delay error"),
          Settlement.Failed.class,
          names("lease error"),
          Settlement.Cancelled.class,
          names("lease reason"),
          Settlement.Released.class,
          names("lease delay"),
          Extension.Held.class,
          names("expiresAt cancelRequested"),
          Extension.Lost.class,
          List.of(),
          Extension.Busy.class,
          List.of());

  /** The defaults of the builders, but for false and 0L, which all are. */
  private static final Map<String, Object> DEFAULTS =
      Map.ofEntries(
          Map.entry("priority", NewJob.DEFAULT_PRIORITY),
          Map.entry("due", Due.now()),
          Map.entry("maxCrashes", NewJob.DEFAULT_MAX_CRASHES),
          Map.entry("headers", Map.of()),
          Map.entry("state", JobState.PENDING),
          Map.entry("attempts", 0),
          Map.entry("failures", 0),
          Map.entry("attempt", 1),
          Map.entry("jobs", Map.of()),
          Map.entry("changed", 1),
          Map.entry("what", ""));

  private static Built built(String required, String optional) {
    return new Built(names(required), names(optional));
  }

  private static List<String> names(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  private final Map<?, String> names;
  private final int mostElements;

  /**
   * Makes a writer that writes some values as variables.
   *
   * @param names the text to write for each of these values
   */
  JavaSource(Map<?, String> names) {
    this(names, Integer.MAX_VALUE);
  }

  private JavaSource(Map<?, String> names, int mostElements) {
    this.names = names;
    this.mostElements = mostElements;
  }

  /** A writer for readers only: of a long collection it writes the first elements. */
  static JavaSource brief(Map<?, String> names) {
    return new JavaSource(names, FEW);
  }

  static String of(@Nullable Object value) {
    return PLAIN.text(value);
  }

  static String call(String receiver, String method, @Nullable Object... arguments) {
    return PLAIN.callText(receiver, method, arguments);
  }

  String callText(String receiver, String method, @Nullable Object... arguments) {
    return receiver + "." + method + inBrackets(Arrays.asList(arguments));
  }

  String text(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    String name = names.get(value);
    if (name != null) {
      return name;
    }
    if (value instanceof String text) {
      return textOf(text);
    }
    if (value instanceof Boolean || value instanceof Integer) {
      return value.toString();
    }
    if (value instanceof Long) {
      return value + "L";
    }
    if (value instanceof Enum<?> constant) {
      return nameOf(constant.getDeclaringClass()) + "." + constant.name();
    }
    if (value instanceof Class<?> type) {
      return nameOf(type) + ".class";
    }
    if (value instanceof Duration duration) {
      return textOf(duration);
    }
    if (value instanceof Instant instant) {
      return instant.equals(Instant.EPOCH)
          ? "Instant.EPOCH"
          : "Instant.parse(" + text(instant.toString()) + ")";
    }
    if (value instanceof Optional<?> optional) {
      return optional.map(it -> "Optional.of(" + text(it) + ")").orElse("Optional.empty()");
    }
    if (value instanceof Collection<?> elements) {
      return textOf(elements);
    }
    if (value instanceof Map<?, ?> map) {
      return textOf(map);
    }
    if (value instanceof Due due) {
      return textOf(due);
    }
    if (value instanceof Requeueing how) {
      return textOf(how);
    }
    if (value instanceof JobFilter filter) {
      return textOf(filter);
    }
    if (value instanceof JobQuery query) {
      return textOf(query);
    }
    if (value instanceof ActionQuery query) {
      return textOf(query);
    }
    if (value instanceof ClaimRequest request) {
      return textOf(request);
    }
    if (value instanceof KeyLimit limit) {
      return textOf(limit);
    }
    if (value instanceof GraphPart part) {
      return textOf(part);
    }
    if (value instanceof GraphPiece piece) {
      return textOf(piece);
    }
    if (value instanceof GraphAnswer answer) {
      String job = answer.job();
      return "GraphAnswer."
          + answer.kind().name().toLowerCase(Locale.ROOT)
          + (job == null ? "()" : inBrackets(List.of(job)));
    }
    Built made = MADE_BY_OF.get(value.getClass());
    if (made != null) {
      return nameOf(value.getClass())
          + ".of"
          + inBrackets(parts(value, made.required()))
          + withs(value, made.optional())
          + (value instanceof KeyPage page ? limitsOf(page) : "");
    }
    if (value instanceof Settlement.Done done && done.result() == null) {
      return "Settlement.done" + inBrackets(List.of(done.lease()));
    }
    List<String> kind = KINDS.get(value.getClass());
    if (kind != null) {
      return kindOf(value.getClass()) + inBrackets(parts(value, kind));
    }
    Built built = BUILT.get(value.getClass());
    if (built != null) {
      return textOf(value, built);
    }
    if (value instanceof Record) {
      return "new " + nameOf(value.getClass()) + inBrackets(components(value));
    }
    return "null /* " + nameOf(value.getClass()).replace("*/", "* /") + " */";
  }

  private String inBrackets(Collection<?> arguments) {
    return arguments.stream().map(this::text).collect(Collectors.joining(", ", "(", ")"));
  }

  private String textOf(Collection<?> elements) {
    if (elements.size() > mostElements) {
      String some = textOf(elements.stream().limit(mostElements).toList());
      String more = LongLists.inWords(elements.size() - mostElements);
      return some.substring(0, some.length() - 1) + ", ... and " + more + ")";
    }
    if (elements.stream().anyMatch(element -> element == null)) {
      return "Arrays.asList" + inBrackets(elements);
    }
    return (elements instanceof Set ? "Set.of" : "List.of") + inBrackets(elements);
  }

  private String textOf(Map<?, ?> map) {
    if (map.size() <= 10) {
      List<Object> arguments = new ArrayList<>();
      map.forEach((key, value) -> arguments.addAll(List.of(key, value)));
      return "Map.of" + inBrackets(arguments);
    }
    return map.entrySet().stream()
        .map(entry -> "Map.entry(" + text(entry.getKey()) + ", " + text(entry.getValue()) + ")")
        .collect(Collectors.joining(", ", "Map.ofEntries(", ")"));
  }

  private static String textOf(Duration duration) {
    if (duration.isZero()) {
      return "Duration.ZERO";
    }
    for (ChronoUnit unit : UNITS) {
      long amount = duration.dividedBy(unit.getDuration());
      if (unit.getDuration().multipliedBy(amount).equals(duration)) {
        return "Duration.of" + capitalized(unit.name()) + "(" + literal(amount) + ")";
      }
    }
    if (duration.abs().compareTo(Duration.ofDays(1)) < 0) {
      return "Duration.ofNanos(" + literal(duration.toNanos()) + ")";
    }
    return "Duration.ofSeconds(" + literal(duration.getSeconds()) + ", " + duration.getNano() + ")";
  }

  private static String capitalized(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT)
        + name.substring(1).toLowerCase(Locale.ROOT);
  }

  private static String literal(long number) {
    return number == (int) number ? Long.toString(number) : number + "L";
  }

  private String textOf(Object value, Built built) {
    var text = new StringBuilder(nameOf(value.getClass())).append(".builder");
    text.append(inBrackets(parts(value, built.required())));
    for (String name : built.optional()) {
      Object part = part(value, name);
      boolean isDefault =
          !built.required().isEmpty()
              && (Objects.equals(part, DEFAULTS.getOrDefault(name, 0L))
                  || Boolean.FALSE.equals(part));
      if (part != null && !isDefault) {
        text.append('.').append(name).append('(').append(text(part)).append(')');
      }
    }
    if (value instanceof Job job && job.graph() != null) {
      text.append(".graph").append(inBrackets(Arrays.asList(job.graph(), job.part())));
    }
    return text.append(".build()").toString();
  }

  private String textOf(ClaimRequest request) {
    String text =
        "ClaimRequest.of"
            + inBrackets(
                List.<Object>of(
                    request.queue(), request.owner(), request.limit(), request.leaseDuration()));
    return request.maxBytes() == Limits.DEFAULT_CLAIM_BYTES
        ? text
        : text + ".withMaxBytes(" + request.maxBytes() + ")";
  }

  private String textOf(GraphPart part) {
    StringBuilder code = new StringBuilder("GraphPart.of(" + text(part.name()) + ")");
    part.after()
        .forEach(
            (parent, policy) ->
                code.append(".after").append(inBrackets(List.<Object>of(parent, policy))));
    return code.toString();
  }

  private String textOf(GraphPiece piece) {
    StringBuilder code =
        new StringBuilder("GraphPiece.builder")
            .append(inBrackets(List.of(piece.queue(), piece.graph())));
    piece.parts().forEach(part -> code.append(".part(").append(text(part)).append(")"));
    piece
        .jobs()
        .forEach(
            (part, jobs) ->
                jobs.forEach(job -> code.append(".job").append(inBrackets(List.of(part, job)))));
    GraphPiece.Total total = piece.total();
    if (total != null) {
      code.append(".last").append(inBrackets(List.of(total.parts(), total.jobs())));
    }
    return code.append(".build()").toString();
  }

  private String textOf(KeyLimit limit) {
    KeyLimit.Rate rate = limit.rate();
    return "KeyLimit.of("
        + limit.slots()
        + ")"
        + (limit.isInOrder() ? ".inOrder()" : "")
        + (rate == null
            ? ""
            : ".withRate"
                + inBrackets(List.<Object>of(rate.starts(), rate.period(), rate.burst())));
  }

  private String limitsOf(KeyPage page) {
    return page.limit() == null && page.queueSlots() == null
        ? ""
        : ".withLimits"
            + inBrackets(Arrays.<@Nullable Object>asList(page.limit(), page.queueSlots()));
  }

  private String withs(Object value, List<String> names) {
    return names.stream()
        .filter(name -> isSet(part(value, name)))
        .map(name -> ".with" + capitalized(name) + "(" + text(part(value, name)) + ")")
        .collect(Collectors.joining());
  }

  private static boolean isSet(@Nullable Object part) {
    return part != null && !part.equals(List.of());
  }

  private static List<@Nullable Object> parts(Object value, List<String> names) {
    List<@Nullable Object> parts = new ArrayList<>();
    for (String name : names) {
      parts.add(part(value, name));
    }
    return parts;
  }

  private static @Nullable Object part(Object value, String name) {
    try {
      return value.getClass().getMethod(name).invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + name + " of " + value, e);
    }
  }

  private String textOf(Due due) {
    if (due instanceof Due.At at) {
      return "Due.at(" + text(at.instant()) + ")";
    }
    return due.equals(Due.now())
        ? "Due.now()"
        : "Due.after(" + text(((Due.After) due).delay()) + ")";
  }

  private static String textOf(Requeueing how) {
    return how.span().isZero()
        ? "Requeueing.now()"
        : "Requeueing.spreadOver(" + textOf(how.span()) + ")";
  }

  private String textOf(JobFilter filter) {
    String text = "JobFilter.all()";
    if (filter.queue() != null) {
      text += ".inQueue(" + text(filter.queue()) + ")";
    }
    if (!filter.states().isEmpty()) {
      text += ".inState" + inBrackets(filter.states().stream().sorted().toList());
    }
    if (filter.type() != null) {
      text += ".ofType(" + text(filter.type()) + ")";
    }
    if (filter.key() != null) {
      text += ".withKey(" + text(filter.key()) + ")";
    }
    if (filter.idPrefix() != null) {
      text += ".withIdPrefix(" + text(filter.idPrefix()) + ")";
    }
    if (filter.errorText() != null) {
      text += ".withErrorText(" + text(filter.errorText()) + ")";
    }
    text += textOf("createdBetween", filter.createdFrom(), filter.createdBefore());
    text += textOf("finishedBetween", filter.finishedFrom(), filter.finishedBefore());
    return filter.conditions().contains(JobFilter.Condition.UNKNOWN)
        ? text + ".withUnknownCondition()"
        : text;
  }

  private String textOf(JobQuery query) {
    String text = "JobQuery.of(" + text(query.filter()) + ")";
    if (query.order() != JobOrder.OLDEST_FIRST) {
      text += ".order(" + text(query.order()) + ")";
    }
    if (query.after() != null) {
      text += ".after(" + text(query.after()) + ")";
    }
    if (query.limit() != JobQuery.DEFAULT_LIMIT) {
      text += ".limit(" + query.limit() + ")";
    }
    if (query.isBrief()) {
      text += ".brief()";
    }
    return query.examineAtMost() == JobQuery.DEFAULT_EXAMINED
        ? text
        : text + ".examineAtMost(" + query.examineAtMost() + ")";
  }

  private String textOf(ActionQuery query) {
    String text = "ActionQuery.all()";
    if (query.jobId() != null) {
      text = "ActionQuery.ofJob" + inBrackets(Arrays.asList(query.queue(), query.jobId()));
    } else if (query.queue() != null) {
      text = "ActionQuery.inQueue(" + text(query.queue()) + ")";
    }
    if (query.after() != null) {
      text += ".after(" + text(query.after()) + ")";
    }
    if (query.limit() != ActionQuery.DEFAULT_LIMIT) {
      text += ".limit(" + query.limit() + ")";
    }
    return query.conditions().contains(ActionQuery.Condition.UNKNOWN)
        ? text + ".withUnknownCondition()"
        : text;
  }

  private String textOf(String method, @Nullable Instant from, @Nullable Instant before) {
    return from == null && before == null
        ? ""
        : "." + method + inBrackets(Arrays.asList(from, before));
  }

  private static List<@Nullable Object> components(Object value) {
    List<@Nullable Object> components = new ArrayList<>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        components.add(component.getAccessor().invoke(value));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot read " + component, e);
      }
    }
    return components;
  }

  /** The factory of a nested class, as {@code Settlement.done}. */
  private static String kindOf(Class<?> type) {
    return nameOf(type.getEnclosingClass()) + "." + type.getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** The name of a type without its package, as {@code Settlement.Done}. */
  private static String nameOf(Class<?> type) {
    return type.getEnclosingClass() == null
        ? type.getSimpleName()
        : nameOf(type.getEnclosingClass()) + "." + type.getSimpleName();
  }

  private static String textOf(String text) {
    if (text.length() >= LONG) {
      for (int length = 1; length <= LONG / 4; length++) {
        String unit = text.substring(0, length);
        int times = text.length() / length;
        if (text.startsWith(unit.repeat(times))) {
          String rest = text.substring(times * length);
          return quoted(unit)
              + ".repeat("
              + times
              + ")"
              + (rest.isEmpty() ? "" : " + " + quoted(rest));
        }
      }
    }
    if (text.length() > MAX_LITERAL) {
      return Stream.iterate(0, at -> at < text.length(), at -> at + MAX_LITERAL)
          .map(at -> quoted(text.substring(at, Math.min(at + MAX_LITERAL, text.length()))))
          .collect(Collectors.joining(", ", "String.join(\"\", ", ")"));
    }
    return quoted(text);
  }

  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\0' -> quoted.append("\\000");
        default -> {
          if (isPlain(c)) {
            quoted.append(c);
          } else {
            quoted.append("\\u").append(HEX.toHexDigits(c));
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  /** Other characters are written as escapes, so that the text survives any encoding. */
  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x7F;
  }
}
