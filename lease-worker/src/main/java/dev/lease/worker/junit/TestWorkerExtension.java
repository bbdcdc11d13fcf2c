package dev.lease.worker.junit;

import dev.lease.Backend;
import dev.lease.Limits;
import dev.lease.worker.JobClient;
import dev.lease.worker.TestWorker;
import dev.lease.worker.Worker;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test of JUnit 5 a fresh store, closes it afterwards, and passes a {@link TestWorker}
 * and its {@link JobClient} to test methods that have such a parameter:
 *
 * <pre>{@code
 * final ManualClock clock = new ManualClock();
 *
 * @RegisterExtension
 * final TestWorkerExtension lease =
 *     TestWorkerExtension.of(
 *         () -> new InMemoryBackend(clock), // of lease-testkit; any store will do
 *         MyWorkers::builder);
 *
 * @Test
 * void placesTheOrder(TestWorker worker, JobClient client) { ... }
 * }</pre>
 *
 * <p>JUnit is an optional dependency of lease-worker. Immutable.
 */
public final class TestWorkerExtension
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(TestWorkerExtension.class);

  /** What one test has. */
  private record Given(Backend store, TestWorker worker) {}

  private final Supplier<Given> given;

  private TestWorkerExtension(Supplier<Given> given) {
    this.given = given;
  }

  /**
   * Makes an extension, to be kept in a field with {@code @RegisterExtension}.
   *
   * @param <B> the type of the store
   * @param store opens the store of one test, empty
   * @param worker builds a worker on it, as the program does
   * @return the extension
   */
  public static <B extends Backend> TestWorkerExtension of(
      Supplier<B> store, Function<? super B, Worker.Builder> worker) {
    Limits.notNull("store", store);
    Limits.notNull("worker", worker);
    return new TestWorkerExtension(
        () -> {
          B opened = store.get();
          try {
            return new Given(opened, TestWorker.of(worker.apply(opened)));
          } catch (Throwable e) {
            try (opened) {
              throw e;
            }
          }
        });
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put(this, given.get());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Given ofTest = context.getStore(NAMESPACE).remove(this, Given.class);
    if (ofTest != null) {
      ofTest.store().close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == TestWorker.class || type == JobClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    TestWorker worker = context.getStore(NAMESPACE).get(this, Given.class).worker();
    return parameter.getParameter().getType() == TestWorker.class ? worker : worker.client();
  }
}
