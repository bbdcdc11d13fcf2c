package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.spi.Elements;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobCount;
import dev.lease.JobFilter;
import dev.lease.JobLease;
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
import dev.lease.Progress;
import dev.lease.QueueCounts;
import dev.lease.StoreCounts;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.jdbc.JdbcModule;
import dev.lease.redis.RedisConfig;
import dev.lease.router.QueueRouter;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.CompressingCodec;
import dev.lease.worker.codec.EncryptingCodec;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.guice.JobHandlerBinder;
import dev.lease.worker.guice.WorkerModule;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is accepted is obeyed. A setter is a public method that returns an object of its own class.
 * Whatever it is given can be read back afterwards, or is refused by a message with the value and
 * the rule. At least one value is read where another one was before the call. A setter that is new
 * is among them by itself.
 */
class SettersTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final InMemoryBackend STORE = new InMemoryBackend(new ManualClock());
  private static final JobLease JOB_LEASE = JobLease.of("q", "a", "w", 1, NOW);
  private static final JobType<String> TYPE = JobType.of("q", "t", String.class);

  private static final List<Method> SETTERS = findSetters();

  /** Objects with setters. A class without one makes the test red. */
  private static final Map<Class<?>, Supplier<Object>> SUBJECTS = new HashMap<>();

  /** What other arguments are, where a proxy or an enum constant will not do. */
  private static final Map<Class<?>, Object> GOOD = new HashMap<>();

  /**
   * Setters whose argument cannot be read back, and the tests that show its effect. An entry that
   * is not needed makes the test red.
   */
  private static final Map<String, String> EFFECTS = new HashMap<>();

  static {
    subject(ActionPage.of(List.of(), null));
    subject(ActionQuery.all());
    subject(BackendView.of(STORE));
    subject(ClaimRequest.of("q", "w", 1, Duration.ofSeconds(1)));
    SUBJECTS.put(
        ClaimedJob.Builder.class,
        () -> ClaimedJob.builder(JOB_LEASE, "t", "").claimedAt(NOW).dueAt(NOW));
    SUBJECTS.put(FailedAttempt.Builder.class, () -> FailedAttempt.builder(1, "w", 1, NOW));
    SUBJECTS.put(
        FinishedJob.Builder.class, () -> FinishedJob.builder("q", "a", "t", JobState.FAILED));
    SUBJECTS.put(
        Job.Builder.class,
        () -> Job.builder("q", "a", "t", "").asOf(NOW).createdAt(NOW).dueAt(NOW));
    subject(GraphPart.of("g"));
    SUBJECTS.put(
        GraphPiece.Builder.class, () -> GraphPiece.builder("q", "g").part(GraphPart.of("p")));
    SUBJECTS.put(GraphState.Builder.class, () -> GraphState.builder("q", "g", NOW, NOW));
    SUBJECTS.put(JobChange.Builder.class, () -> JobChange.builder().priority(1));
    subject(JobCount.of(1));
    subject(JobFilter.all());
    subject(JOB_LEASE);
    subject(JobPage.of(List.of(), null, 1));
    subject(JobPiece.of(1, null));
    subject(JobQuery.of(JobFilter.all()));
    subject(KeyLimit.of(1));
    subject(KeyPage.of(List.of(), null));
    SUBJECTS.put(KeyState.Builder.class, () -> KeyState.builder("k"));
    subject(Lease.of("n", "w", 1, NOW, NOW));
    subject(LeasePage.of(List.of(), null));
    SUBJECTS.put(NewJob.Builder.class, () -> NewJob.builder("q", "a", "t", "").dedupKey("d"));
    SUBJECTS.put(
        OperatorAction.Builder.class,
        () -> OperatorAction.builder(NOW, Operator.of("o", ""), OperatorAction.Kind.PAUSE, "q"));
    SUBJECTS.put(QueueCounts.Builder.class, () -> QueueCounts.builder("q", NOW));
    subject(StoreCounts.of(List.of()));
    subject(JdbcConfig.of("jdbc:sqlite:x.db"));
    subject(new JdbcModule(JdbcConfig.defaults()));
    subject(RedisConfig.of("rediss://localhost"));
    subject(Failure.of(1, new IllegalStateException("x")));
    SUBJECTS.put(HandlerOptions.Builder.class, HandlerOptions::builder);
    subject(JobClient.of(STORE));
    SUBJECTS.put(JobClient.Builder.class, () -> JobClient.builder(STORE));
    SUBJECTS.put(
        JobGraph.class,
        () ->
            JobClient.of(STORE)
                .graph("g", TYPE.queue())
                .add("x", TYPE, "y")
                .add("p", TYPE, "y")
                .after("x"));
    SUBJECTS.put(
        QueueRouter.Builder.class, () -> QueueRouter.builder().store("x", STORE, "*").leases("x"));
    subject(TYPE.withVersion(3));
    subject(TYPE.withVersion(3).returning(String.class));
    SUBJECTS.put(Leases.Builder.class, () -> Leases.builder(STORE));
    subject(QueueShare.DEFAULT);
    SUBJECTS.put(JobAdmin.class, STORE::jobAdmin);
    SUBJECTS.put(RetryPolicy.class, () -> RetryPolicy.DEFAULT);
    subject(Schedule.every("s", TYPE, "x", Duration.ofSeconds(1)));
    subject(Step.of("s", String.class));
    SUBJECTS.put(TestJob.class, () -> TestWorker.of(worker()).job(TYPE, "x"));
    SUBJECTS.put(Worker.Builder.class, SettersTest::worker);
    SUBJECTS.put(WorkerConfig.Builder.class, WorkerConfig::builder);
    subject(EncryptingCodec.of(JacksonCodec.DEFAULT, "k", new byte[32]));
    subject(new WorkerModule(WorkerConfig.builder().build()));

    subject(CodecContext.of("q", "t", "a", Map.of()));
    subject(CompressingCodec.of(JacksonCodec.DEFAULT));
    Elements.getElements(
        new AbstractModule() {
          @Override
          protected void configure() {
            subject(JobHandlerBinder.newBinder(binder()));
          }
        });

    EFFECTS.put("CompressingCodec.withMaxBytes", "codec.CompressingCodecTest#aBombIsRefused");
    EFFECTS.put(
        "EncryptingCodec.withOldKey", "codec.EncryptingCodecTest#keysAreRotatedWhileJobsWait");
    EFFECTS.put(
        "JobClient.Builder.maxCrashes", "JobClientTest#aClientHasNumbersForTypesThatDoNotSayThem");
    EFFECTS.put(
        "JobClient.Builder.maxFailures", "JobClientTest#aClientHasNumbersForTypesThatDoNotSayThem");
    for (String call : List.of("add", "addAll", "after", "onFailure")) {
      EFFECTS.put("JobGraph." + call, "JobGraphTest#pieces");
    }
    EFFECTS.put("JobType.withUpcaster", "ChangingPayloadsTest#anotherClass");
    EFFECTS.put("JobType.Returning.withUpcaster", "JobTypeTest#aChangeLeavesTheRestAsItWas");
    EFFECTS.put(
        "RetryPolicy.neverRetryOn",
        "RetryPolicyTest#exceptionsThatAreNamedEndTheJobAsDoTheirSubclassesAndWhoeverWrapsThem");
    EFFECTS.put("Step.keepFailure", "StepsTest#keptFailure");
    EFFECTS.put("TestJob.attempt", "TestWorkerTest#laterAttempt");
    EFFECTS.put(
        "TestJob.crashes",
        "HandlerOptionsTest#aTestSaysHowManyAttemptsCrashedAndReadsAGenericStep");
    EFFECTS.put("TestJob.headers", "TestWorkerTest#laterAttempt");
    EFFECTS.put("TestJob.keptFailure", "TestWorkerTest#laterAttempt");
    EFFECTS.put("TestJob.keptStep", "TestWorkerTest#laterAttempt");
    EFFECTS.put("TestJob.parent", "GraphsTest#parents");
    EFFECTS.put("TestJob.failedParent", "GraphsTest#parents");
    EFFECTS.put("QueueRouter.Builder.store", "QueueRouterTest#map");
    EFFECTS.put("QueueRouter.Builder.leases", "QueueRouterTest#names");
    EFFECTS.put("TestJob.notAfter", "TestWorkerTest#deadline");
    EFFECTS.put("TestJob.losesLeaseIn", "TestWorkerTest#losesLease");
    EFFECTS.put("Worker.Builder.queuesWithPrefix", "AddedQueuesTest#found");
    if (!HandlerThreads.hasVirtual()) {
      // There is only one kind of threads to choose.
      EFFECTS.put("WorkerConfig.Builder.threads", "ThreadsTest#virtual");
    }

    good(
        Duration.ofSeconds(1),
        NOW,
        "x",
        1,
        1L,
        true,
        JOB_LEASE,
        KeyLimit.of(1),
        Progress.of(1, ""),
        List.of("x"),
        Map.of("x", "y"));
    good(
        Operator.of("o", ""),
        TYPE,
        HandlerOptions.NONE,
        QueueShare.DEFAULT,
        GraphPart.of("z"),
        NewJob.builder(TYPE.queue(), "z", "t", "").build(),
        WorkerConfig.builder().build());
    good(
        IllegalStateException.class,
        new IllegalStateException("x"),
        new TypeReference<String>() {});
    GOOD.put(Due.class, Due.now());
    GOOD.put(Backend.class, STORE);
  }

  private static Worker.Builder worker() {
    return Worker.builder(STORE).handle(TYPE, (payload, context) -> {});
  }

  private static void subject(Object subject) {
    SUBJECTS.put(subject.getClass(), () -> subject);
  }

  private static void good(Object... all) {
    for (Object each : all) {
      GOOD.put(each.getClass(), each);
    }
  }

  static List<Method> setters() {
    return SETTERS;
  }

  private static List<Method> findSetters() {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lease")
            .stream()
            .filter(type -> !type.getPackageName().startsWith("dev.lease.testkit.server"))
            .map(JavaClass::reflect)
            .filter(SettersTest::isPublic)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .filter(SettersTest::isSetter)
            .toList();
  }

  private static boolean isPublic(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return Modifier.isPublic(type.getModifiers()) && (outer == null || isPublic(outer));
  }

  private static boolean isSetter(Method method) {
    return Modifier.isPublic(method.getModifiers())
        && !Modifier.isStatic(method.getModifiers())
        && !method.isBridge()
        && method.getParameterCount() > 0
        && method.getReturnType() == method.getDeclaringClass();
  }

  private static String name(Method method) {
    String type = method.getDeclaringClass().getName();
    return type.substring(type.lastIndexOf('.') + 1).replace('$', '.') + "." + method.getName();
  }

  @ParameterizedTest
  @MethodSource("setters")
  void isObeyedOrRefused(Method setter) {
    assertThat(findings(setter, EFFECTS)).as("what %s accepts and does not obey", setter).isEmpty();
  }

  private static Set<String> findings(Method setter, Map<String, String> effects) {
    var findings = new TreeSet<String>();
    boolean hasEffect = effects.containsKey(name(setter));
    for (int i = 0; i < setter.getParameterCount(); i++) {
      boolean isTried = false;
      boolean isSeen = false;
      for (Object odd : odd(setter.getParameterTypes()[i], setter.getGenericParameterTypes()[i])) {
        isTried |= odd != null;
        isSeen |= look(setter, i, odd, hasEffect, findings);
      }
      if (isTried && !isSeen && !hasEffect) {
        findings.add(
            "no value of %s of %s changes what can be read"
                .formatted(setter.getParameters()[i].getName(), name(setter)));
      }
    }
    return findings;
  }

  @Test
  @DisplayName("each effect that is named has a test, and a setter that needs it")
  void effects() throws ReflectiveOperationException {
    Map<String, String> unneeded = new HashMap<>(EFFECTS);
    for (Method setter : setters()) {
      if (unneeded.containsKey(name(setter)) && !findings(setter, Map.of()).isEmpty()) {
        unneeded.remove(name(setter));
      }
    }
    assertThat(unneeded).isEmpty();
    for (String test : EFFECTS.values()) {
      String[] names = test.split("#", 2);
      assertThat(Class.forName("dev.lease.worker." + names[0]).getDeclaredMethods())
          .extracting(Method::getName)
          .contains(names[1]);
    }
  }

  /** Looks what becomes of an argument; returns whether it is read where another one was before. */
  private static boolean look(
      Method setter, int index, @Nullable Object odd, boolean hasEffect, Set<String> findings) {
    String asked =
        "%s(%s %s)".formatted(name(setter), setter.getParameters()[index].getName(), shown(odd));
    @Nullable Object[] arguments = new Object[setter.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = i == index ? odd : good(setter.getParameterTypes()[i]);
    }
    Object before;
    Object made;
    try {
      before = built(subjectOf(setter.getDeclaringClass()).get());
      Object subject = subjectOf(setter.getDeclaringClass()).get();
      made = built(setter.invoke(subject, arguments));
    } catch (InvocationTargetException e) {
      if (!isWellRefused(Objects.requireNonNull(e.getCause()), odd)) {
        findings.add(asked + " is refused by " + e.getCause());
      }
      return false;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(asked, e);
    }
    if (odd == null) {
      if (!isNullable(setter, index)) {
        findings.add(asked + " is accepted");
      }
      return false;
    }
    List<String> where = whereIs(odd, made);
    if (where.isEmpty() && !hasEffect) {
      findings.add(asked + " cannot be read back");
    }
    return !whereIs(odd, before).containsAll(where);
  }

  private static Supplier<Object> subjectOf(Class<?> type) {
    Supplier<Object> subject = SUBJECTS.get(type);
    assertThat(subject).as("an object of %s with setters, in SUBJECTS", type).isNotNull();
    return Objects.requireNonNull(subject);
  }

  private static boolean isWellRefused(Throwable refusal, @Nullable Object odd) {
    String message = String.valueOf(refusal.getMessage());
    if (odd == null) {
      return refusal instanceof IllegalArgumentException && message.contains("must not be null");
    }
    return (refusal instanceof IllegalArgumentException
            || refusal instanceof UnsupportedOperationException)
        && message.matches("(?s).*(must|needs|has|cannot).*")
        && message.matches("(?s).*(was|were|has|found at|null).*");
  }

  private static Object built(Object made) throws ReflectiveOperationException {
    for (Method method : made.getClass().getMethods()) {
      if (method.getName().equals("build") && method.getParameterCount() == 0) {
        return method.invoke(made);
      }
    }
    return made;
  }

  private static boolean isNullable(Method setter, int index) {
    AnnotatedType type = setter.getAnnotatedParameterTypes()[index];
    return type.isAnnotationPresent(Nullable.class)
        || (type instanceof AnnotatedArrayType array && array.isAnnotationPresent(Nullable.class));
  }

  /** The accessors of an object that have a value, with its text. */
  private static List<String> whereIs(Object value, Object made) {
    List<String> where = new ArrayList<>();
    String text = made.toString();
    // The hash of an object says nothing.
    if (!text.matches(".*@[0-9a-f]+") && isSame(text, value)) {
      where.add("toString");
    }
    for (Method method : made.getClass().getMethods()) {
      boolean isAccessor =
          method.getParameterCount() == 0
              && method.getDeclaringClass().getName().startsWith("dev.lease")
              && Modifier.isPublic(method.getDeclaringClass().getModifiers())
              && method.getReturnType() != void.class
              && !method.getName().equals("run")
              && method.getReturnType() != made.getClass();
      if (isAccessor) {
        try {
          if (isSame(method.invoke(made), value)) {
            where.add(method.getName());
          }
        } catch (ReflectiveOperationException e) {
          throw new LinkageError(method.toString(), e);
        }
      }
    }
    return where;
  }

  private static boolean isSame(@Nullable Object seen, Object value) {
    if (seen instanceof Number number && value instanceof Number wanted) {
      return number.longValue() == wanted.longValue();
    }
    if (value instanceof Collection<?> || value.getClass().isArray()) {
      return seen instanceof Collection<?> all && all.containsAll(elements(value));
    }
    if (value instanceof Map<?, ?> map) {
      return seen instanceof Map<?, ?> all && all.entrySet().containsAll(map.entrySet());
    }
    if (value instanceof String text && seen instanceof String shown) {
      // What people read is cut, and cleaned of what cannot be stored, or acts on a terminal [Q33].
      int cut = shown.indexOf("… (cut, ");
      return cut > 0
          ? text.startsWith(shown.substring(0, cut))
          : Limits.errorText(text).equals(shown) || isShown(text, shown);
    }
    return Objects.equals(seen, value)
        || (!(value instanceof Boolean)
            && !value.toString().isEmpty()
            && String.valueOf(seen).contains(value.toString()));
  }

  private static boolean isShown(String text, String shown) {
    return !text.isEmpty() && (shown.contains(text) || shown.contains(Limits.oneLine(text)));
  }

  private static Collection<?> elements(Object value) {
    return value instanceof Collection<?> all ? all : Arrays.asList((Object[]) value);
  }

  /** Arguments at and beyond the edges, and one that no object has by default. */
  private static List<@Nullable Object> odd(Class<?> type, Type generic) {
    if (type == int.class) {
      return List.of(-1, 0, 1, 7, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (type == long.class) {
      return List.of(-1L, 0L, 1L, 7L, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    if (type == boolean.class) {
      return List.of(true, false);
    }
    List<@Nullable Object> all = new ArrayList<>();
    all.add(null);
    if (type == String.class) {
      all.addAll(
          List.of(
              "",
              " ",
              "x",
              "xq-7",
              "jdbc:postgresql:xq-7",
              "a\u0000b",
              "\uD800",
              "a\nb",
              "x".repeat(2 << 20)));
    } else if (type == Integer.class) {
      all.addAll(List.of(-1, 0, 1, 7, Integer.MAX_VALUE));
    } else if (type == Duration.class) {
      all.addAll(
          List.of(
              Duration.ZERO,
              Duration.ofSeconds(1),
              Duration.ofSeconds(37),
              Duration.ofDays(37),
              Duration.ofSeconds(-1),
              Duration.ofSeconds(Long.MAX_VALUE)));
    } else if (type == Instant.class) {
      all.addAll(List.of(NOW, NOW.plusSeconds(37), Instant.MIN, Instant.MAX));
    } else if (type == Due.class) {
      all.addAll(List.of(Due.at(NOW), Due.after(Duration.ofSeconds(37))));
    } else if (generic.getTypeName().endsWith("Map<java.lang.String, java.lang.String>")) {
      all.add(Map.of("x", "y"));
    } else if (type == List.class) {
      all.add(Collections.singletonList(null));
      if (generic.getTypeName().endsWith("List<java.lang.String>")) {
        all.add(List.of("xq-7"));
      }
    } else if (type.isArray()) {
      all.add(Array.newInstance(type.getComponentType(), 1));
      if (type.getComponentType().isEnum()) {
        all.add(arrayOf(type.getComponentType().getEnumConstants()[0]));
      }
    } else if (type.isEnum()) {
      all.addAll(Arrays.asList(type.getEnumConstants()));
    }
    return all;
  }

  private static Object arrayOf(Object element) {
    Object array = Array.newInstance(element.getClass(), 1);
    Array.set(array, 0, element);
    return array;
  }

  private static @Nullable Object good(Class<?> type) {
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    for (Map.Entry<Class<?>, Object> each : GOOD.entrySet()) {
      if (type.isAssignableFrom(each.getKey()) && type != Object.class) {
        return each.getValue();
      }
    }
    if (type == int.class) {
      return 1;
    }
    if (type == long.class) {
      return 1L;
    }
    if (type == boolean.class) {
      return true;
    }
    if (type == Object.class) {
      return "x";
    }
    if (type == byte[].class) {
      return new byte[32];
    }
    if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    }
    if (type.isInterface()) {
      return Proxy.newProxyInstance(
          SettersTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> null);
    }
    Supplier<Object> subject = SUBJECTS.get(type);
    assertThat(subject).as("an argument of %s, in GOOD", type).isNotNull();
    return Objects.requireNonNull(subject).get();
  }

  private static String shown(@Nullable Object odd) {
    String text = odd instanceof Object[] array ? Arrays.toString(array) : String.valueOf(odd);
    return text.length() > 40
        ? text.substring(0, 40) + "…"
        : text.replace("\u0000", "\\0").replace("\n", "\\n");
  }
}
