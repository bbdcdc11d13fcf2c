package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Backend;
import dev.lease.Capability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Everything that was opened is closed, whatever goes wrong. */
class StoreUnderTestTest {

  private final List<String> done = new ArrayList<>();

  /** A fixture that opens that many backend objects, and then fails. */
  private StoreFixture fixture(int most, Runnable onClose) {
    return fixture(most, onClose, KitVersion.NEWEST);
  }

  private StoreFixture fixture(int most, Runnable onClose, int kitVersion) {
    return new StoreFixture() {
      private int opened;

      @Override
      public Backend open() {
        if (opened == most) {
          throw new IllegalStateException("no more of them");
        }
        String name = "backend " + ++opened;
        done.add("open " + name);
        return new Backend() {
          @Override
          public Set<Capability> capabilities() {
            return EnumSet.noneOf(Capability.class);
          }

          @Override
          public Duration longestCall() {
            return Duration.ofSeconds(1);
          }

          @Override
          public void close() {
            done.add("close " + name);
            onClose.run();
          }
        };
      }

      @Override
      public int kitVersion() {
        return kitVersion;
      }

      @Override
      public void close() {
        done.add("close fixture");
      }
    };
  }

  private static StoreUnderTest open(StoreFixture fixture) throws Exception {
    return new StoreUnderTest(fixture, new HashMap<>());
  }

  @Test
  void whatWasOpenedIsClosedWhereTheNextCannotBeOpened() {
    assertThatThrownBy(() -> open(fixture(1, () -> {})))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no more of them");

    assertThat(done).containsExactly("open backend 1", "close backend 1", "close fixture");
  }

  @Test
  void nothingIsOpenedWhereTheFixtureWantsAVersionOfTheKitThatIsNotThere() {
    int later = KitVersion.NEWEST + 1;

    assertThatThrownBy(() -> open(fixture(2, () -> {}, later)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "kitVersion() must be 1 to %s, the newest that this kit has, was %s",
            KitVersion.NEWEST, later);

    assertThat(done).containsExactly("close fixture");
  }

  @Test
  void aCloseThatFailsIsToldAfterWhatWentWrongFirst() {
    var second = new IllegalStateException("nor can it be closed");

    assertThatThrownBy(
            () ->
                open(
                    fixture(
                        1,
                        () -> {
                          throw second;
                        })))
        .hasMessage("no more of them")
        .hasSuppressedException(second);
    assertThat(done).endsWith("close fixture");
  }

  @Test
  void theFixtureIsClosedLast() throws Exception {
    open(fixture(2, () -> {})).close();

    assertThat(done)
        .containsExactly(
            "open backend 1",
            "open backend 2",
            "close backend 2",
            "close backend 1",
            "close fixture");
  }
}
