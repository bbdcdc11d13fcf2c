package dev.lease.testkit;

import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The fixture of a test class, and the backend objects that its tests have opened. */
final class StoreUnderTest {

  final StoreFixture fixture;
  final TestBackend one;

  /** Another backend object on the same data. */
  final TestBackend two;

  private final Deque<Runnable> closers = new ConcurrentLinkedDeque<>();
  private @Nullable HistoryRun history;

  StoreUnderTest(StoreFixture fixture) throws Exception {
    this.fixture = fixture;
    try {
      this.one = open();
      this.two = open();
    } catch (Exception | Error e) {
      closeAfter(e);
      throw e;
    }
  }

  /** Leaves nothing open where a store could not be opened, and tells of that first. */
  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (Exception | Error e) {
      failure.addSuppressed(e);
    }
  }

  TestBackend open() throws Exception {
    TestBackend backend = fixture.open();
    closers.push(backend.onClose());
    return backend;
  }

  void close(TestBackend backend) {
    closers.remove(backend.onClose());
    backend.onClose().run();
  }

  /** The history that the tests of a class look at, made by the first of them. */
  synchronized HistoryRun history(Callable<HistoryRun> run) throws Exception {
    HistoryRun made = history;
    if (made == null) {
      made = run.call();
      history = made;
    }
    return made;
  }

  void close() throws Exception {
    try {
      while (!closers.isEmpty()) {
        closers.pop().run();
      }
    } finally {
      fixture.close();
    }
  }

  /** Makes it for the first test of a class, and closes it after the last. */
  static final class PerClass implements ParameterResolver, AfterAllCallback {

    private static final Namespace NAMESPACE = Namespace.create(StoreUnderTest.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == StoreUnderTest.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      var contract = (StoreContract) context.getRequiredTestInstance();
      return classOf(context)
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent(StoreUnderTest.class, type -> of(contract), StoreUnderTest.class);
    }

    private static StoreUnderTest of(StoreContract contract) {
      try {
        return new StoreUnderTest(contract.fixture());
      } catch (Exception e) {
        throw new IllegalStateException("the store under test could not be opened", e);
      }
    }

    private static ExtensionContext classOf(ExtensionContext context) {
      ExtensionContext each = context;
      while (each.getTestMethod().isPresent()) {
        each = each.getParent().orElseThrow();
      }
      return each;
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
      StoreUnderTest store =
          context.getStore(NAMESPACE).remove(StoreUnderTest.class, StoreUnderTest.class);
      if (store != null) {
        store.close();
      }
    }
  }
}
