package dev.lease.examples.orderbot;

import static dev.lease.examples.orderbot.LogLine.Event.ASKED;
import static dev.lease.examples.orderbot.LogLine.Event.BOOKED;
import static dev.lease.examples.orderbot.LogLine.Event.KNOWN;
import static dev.lease.examples.orderbot.LogLine.Event.REFUSED;
import static dev.lease.examples.orderbot.LogLine.Event.TURNED_AWAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ExchangeTest {

  private static final Order ORDER = new Order("order-01", "COCOA", 7);
  private static final OrderRequest FIRST = new OrderRequest("key", ORDER, "ann", 1, 10);
  private static final OrderRequest AGAIN = new OrderRequest("key", ORDER, "ben", 2, 20);

  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @TempDir private Path directory;

  @AfterEach
  void endTheOtherThread() {
    other.shutdownNow();
  }

  @Test
  void aRepeatIsLoggedButBookedOnce() throws Exception {
    try (Exchange exchange = exchange(Duration.ofMillis(10))) {
      ExchangeClient client = client(exchange);

      BookEntry booked = client.place(FIRST);

      assertThat(client.place(AGAIN)).isEqualTo(booked);
      assertThat(client.price("COCOA")).isEqualTo(booked.price());
    }
    assertThat(Exchange.book(directory)).extracting(BookEntry::order).containsExactly(ORDER);
    assertThat(Exchange.log(directory))
        .extracting(LogLine::event)
        .containsExactly(ASKED, BOOKED, ASKED, KNOWN);
    assertThat(Exchange.log(directory).get(2).request()).isEqualTo(AGAIN);
  }

  @Test
  void theBookOutlivesTheExchange() throws Exception {
    BookEntry booked;
    try (Exchange exchange = exchange(Duration.ofMillis(10))) {
      booked = client(exchange).place(FIRST);
    }
    try (Exchange exchange = exchange(Duration.ofMillis(10))) {
      assertThat(client(exchange).place(AGAIN)).isEqualTo(booked);
    }
    assertThat(Exchange.book(directory)).hasSize(1);
  }

  @Test
  void itSaysWhatItIsInTheMiddleOf() throws Exception {
    Exchange.Fill fill = new Exchange.Fill(Duration.ofMillis(10), Duration.ofMinutes(10));
    try (Exchange exchange = new Exchange(0, directory, fill)) {
      ExchangeClient client = client(exchange);
      client.place(FIRST);
      assertThat(client.open()).isEmpty();

      OrderRequest large = new OrderRequest("other key", ORDER.large(), "ann", 1, 20);
      Future<BookEntry> placing = other.submit(() -> client.place(large));
      while (client.open().isEmpty()) {
        Thread.sleep(10);
      }
      assertThat(client.open()).containsExactly(large);
      assertThat(placing).isNotDone();
      assertThat(Exchange.book(directory)).extracting(BookEntry::order).containsExactly(ORDER);
    }
  }

  @Test
  void anOrderThatItDoesNotWantIsRefused() throws Exception {
    try (Exchange exchange = exchange(Duration.ofMillis(10))) {
      assertThatThrownBy(
              () ->
                  client(exchange).place(new OrderRequest("key", ORDER.refusable(), "ann", 1, 10)))
          .isInstanceOf(OrderRefusedException.class)
          .hasMessage("a quantity of 0 is refused");
    }
    assertThat(Exchange.book(directory)).isEmpty();
    assertThat(Exchange.log(directory)).extracting(LogLine::event).containsExactly(ASKED, REFUSED);
  }

  @Test
  void theFirstAttemptOfAScarceOrderIsTurnedAway() throws Exception {
    OrderRequest first = new OrderRequest("key", ORDER.scarce(), "ann", 1, 10);
    OrderRequest second = new OrderRequest("key", ORDER.scarce(), "ann", 2, 20);
    try (Exchange exchange = exchange(Duration.ofMillis(10))) {
      assertThatThrownBy(() -> client(exchange).place(first))
          .isInstanceOf(IOException.class)
          .hasMessage("the exchange answered 503 to /orders");
      assertThat(Exchange.book(directory)).isEmpty();

      assertThat(client(exchange).place(second).order()).isEqualTo(ORDER.scarce());
    }
    assertThat(Exchange.log(directory))
        .extracting(LogLine::event)
        .containsExactly(TURNED_AWAY, ASKED, BOOKED);
  }

  @Test
  void noExchangeIsAnErrorThatSaysWhere() throws Exception {
    Exchange exchange = exchange(Duration.ofMillis(10));
    ExchangeClient client = client(exchange);
    assertThat(client.answers()).isTrue();
    exchange.close();

    assertThat(client.answers()).isFalse();
    assertThatThrownBy(() -> client.place(FIRST))
        .isInstanceOf(IOException.class)
        .hasMessage("no exchange answers at " + exchange.url());
  }

  private Exchange exchange(Duration fill) throws IOException {
    return new Exchange(0, directory, new Exchange.Fill(fill, fill.multipliedBy(2)));
  }

  private static ExchangeClient client(Exchange exchange) {
    return new ExchangeClient(URI.create(exchange.url()));
  }
}
