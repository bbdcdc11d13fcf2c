package dev.lease.worker;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the threads of handlers, and platform threads for calls to the store, lanes and listeners.
 */
final class HandlerThreads {

  private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

  private HandlerThreads() {}

  static boolean hasVirtual() {
    return Runtime.version().feature() >= FIRST_WITH_VIRTUAL_THREADS;
  }

  static ExecutorService of(boolean virtual, String namePrefix, int concurrency) {
    return virtual ? virtual(namePrefix) : pool(concurrency, daemons(namePrefix));
  }

  /** Uses reflection, since this is compiled for Java 17. */
  private static ExecutorService virtual(String namePrefix) {
    try {
      Class<?> builderType = Class.forName("java.lang.Thread$Builder");
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      builderType.getMethod("name", String.class, long.class).invoke(builder, namePrefix, 0L);
      Object factory = builderType.getMethod("factory").invoke(builder);
      Method perTask = Executors.class.getMethod("newThreadPerTaskExecutor", ThreadFactory.class);
      return (ExecutorService) perTask.invoke(null, factory);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM should have virtual threads, but has not", e);
    }
  }

  /** Platform threads, each made when there is a task and no thread is idle. */
  static ExecutorService onDemand(String namePrefix) {
    return new ThreadPoolExecutor(
        0, Integer.MAX_VALUE, 1, TimeUnit.MINUTES, new SynchronousQueue<>(), daemons(namePrefix));
  }

  private static ThreadFactory daemons(String namePrefix) {
    var number = new AtomicInteger();
    return task -> daemon(task, namePrefix + number.getAndIncrement());
  }

  static Thread daemon(Runnable task, String name) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Whether a thread is inside {@code Runtime.exit}, which waits for the shutdown hooks. */
  static boolean isInExit(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(
            frame ->
                frame.getClassName().equals("java.lang.Runtime")
                    && frame.getMethodName().equals("exit"));
  }

  /** As many threads as handlers run at once. */
  static ExecutorService pool(int concurrency, ThreadFactory factory) {
    return new ThreadPoolExecutor(
        concurrency,
        concurrency,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task ->
            Objects.requireNonNull(
                factory.newThread(task), "the ThreadFactory for handlers has made no thread"));
  }
}
