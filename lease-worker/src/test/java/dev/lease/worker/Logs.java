package dev.lease.worker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the worker logs during a test. */
final class Logs extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.lease.worker");
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

  Logs() {
    start();
    logger.addAppender(this);
  }

  List<String> at(Level level) {
    return events.stream()
        .filter(event -> event.getLevel() == level)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /** What the exceptions said that were logged. */
  List<String> causes() {
    return events.stream()
        .filter(event -> event.getThrowableProxy() != null)
        .map(event -> String.valueOf(event.getThrowableProxy().getMessage()))
        .toList();
  }

  @Override
  protected void append(ILoggingEvent event) {
    events.add(event);
  }

  @Override
  public void close() {
    logger.detachAppender(this);
  }
}
