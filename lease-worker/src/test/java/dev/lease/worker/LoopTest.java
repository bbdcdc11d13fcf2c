package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoopTest {

  private final AtomicInteger rounds = new AtomicInteger();
  private final Lanes lanes = new Lanes("test", Thread::new);

  private Loop loop(Loop.Round round, ThreadFactory threads) {
    var loop = new Loop("lane", new Signal(), round, threads);
    lanes.add(loop);
    return loop;
  }

  private long countRound() {
    rounds.incrementAndGet();
    return Duration.ofMillis(1).toNanos();
  }

  private static Thread killed() {
    var thread =
        new Thread(
            () -> {
              throw new LinkageError("killed");
            });
    thread.setUncaughtExceptionHandler((which, error) -> {});
    return thread;
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(2)).until(condition);
  }

  private Loop last = loop(() -> Loop.END, Thread::new);

  @AfterEach
  void end() throws InterruptedException {
    last.end();
    assertThat(last.awaitEnd(Duration.ofMinutes(2).toNanos())).isTrue();
  }

  @Test
  @DisplayName("a loop is not dead while it starts: a probe would have the JVM started again")
  void starts() {
    var alive = new AtomicBoolean();
    last =
        loop(
            () -> Loop.END,
            run ->
                new Thread(run) {
                  @Override
                  public synchronized void start() {
                    alive.set(last.isAlive());
                    super.start();
                  }
                });
    last.start();

    assertThat(alive).isTrue();
  }

  @Test
  @DisplayName("W24 a loop goes on after any Error, though the logger fails of it as well")
  void survives() {
    var failing =
        new AppenderBase<ILoggingEvent>() {
          @Override
          public synchronized void doAppend(ILoggingEvent event) {
            throw new OutOfMemoryError("no memory for a line");
          }

          @Override
          protected void append(ILoggingEvent event) {}
        };
    failing.start();
    var logger = (Logger) LoggerFactory.getLogger("dev.lease.worker");
    logger.addAppender(failing);
    try {
      last =
          loop(
              () -> {
                countRound();
                throw new OutOfMemoryError("no memory for a round");
              },
              Thread::new);
      last.start();
      eventually(() -> rounds.get() >= 3);
      assertThat(last.isAlive()).isTrue();
    } finally {
      logger.detachAppender(failing);
    }
  }

  @Test
  @DisplayName("W24 a loop that was killed by an Error is started again")
  void revived() {
    var threads = new AtomicInteger();
    last =
        loop(
            this::countRound, task -> threads.incrementAndGet() == 1 ? killed() : new Thread(task));
    last.start();
    eventually(() -> !lanes.areAlive());
    assertThat(rounds).hasValue(0);
    assertThat(lanes.revive()).isTrue();
    assertThat(lanes.areAlive()).isTrue();
    eventually(() -> rounds.get() > 2);
    assertThat(threads).hasValue(2);
  }

  @Test
  @DisplayName("W24 where a loop cannot be started again the worker is told, and it is tried again")
  void staysDead() {
    var memory = new AtomicBoolean();
    var threads = new AtomicInteger();
    last =
        loop(
            this::countRound,
            task -> {
              if (threads.incrementAndGet() == 1) {
                return new Thread(() -> {});
              }
              if (!memory.get()) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              return new Thread(task);
            });
    last.start();
    eventually(() -> !lanes.areAlive());
    assertThat(lanes.revive()).isFalse();
    assertThat(lanes.areAlive()).isFalse();
    memory.set(true);
    assertThat(lanes.revive()).isTrue();
    eventually(() -> rounds.get() > 0);
  }

  @Test
  @DisplayName("W24 each lane tells when it last completed a round")
  void pulse() {
    var blocked = new AtomicBoolean();
    last =
        loop(
            () -> {
              while (blocked.get()) {
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
              }
              return countRound();
            },
            Thread::new);
    last.start();
    eventually(() -> rounds.get() > 2);
    Duration bound = Duration.ofMillis(500);
    blocked.set(true);
    eventually(() -> sinceLastRound().compareTo(bound) > 0);
    blocked.set(false);
    eventually(() -> sinceLastRound().compareTo(bound) < 0);
  }

  private Duration sinceLastRound() {
    return Objects.requireNonNull(lanes.sinceLastRounds().get("lane"));
  }

  @Test
  @DisplayName("W24 a loop that was told to end is not started again")
  void ends() throws InterruptedException {
    last = loop(this::countRound, Thread::new);
    last.start();
    last.end();
    assertThat(last.awaitEnd(Duration.ofMinutes(2).toNanos())).isTrue();
    assertThat(lanes.revive()).isTrue();
    int before = rounds.get();
    assertThat(last.awaitEnd(0)).isTrue();
    assertThat(rounds).hasValue(before);
  }
}
