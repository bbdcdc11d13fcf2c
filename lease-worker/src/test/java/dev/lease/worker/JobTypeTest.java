package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobTypeTest {

  private static final JobType<String> TYPE = JobType.of("texts", "text", String.class);

  @Test
  void aHandlerMayRunForAsLongAsItTakesUnlessSaidOtherwise() {
    assertThat(TYPE.maxRunTime()).isNull();
    assertThat(TYPE.withMaxAttempts(7).maxRunTime()).isNull();
  }

  @Test
  void aChangeLeavesTheRestAsItWas() {
    JobType<String> changed = TYPE.withMaxRunTime(Duration.ofMinutes(5)).withMaxAttempts(7);
    assertThat(changed.queue()).isEqualTo("texts");
    assertThat(changed.name()).isEqualTo("text");
    assertThat(changed.payloadType()).isEqualTo(String.class);
    assertThat(changed.maxAttempts()).isEqualTo(7);
    assertThat(changed.maxRunTime()).hasMinutes(5);
  }

  @Test
  void aPayloadMayHaveTypeArguments() {
    var list = new TypeReference<List<String>>() {};
    JobType<List<String>> type = JobType.of("texts", "list", list);
    assertThat(type.payloadType()).isEqualTo(list.type());
    assertThat(type.withMaxAttempts(7).payloadType()).isEqualTo(list.type());
  }

  @Test
  void aVersionAndItsUpcastersFitTogether() {
    JobType<String> third = TYPE.withVersion(3).withUpcaster(1, Integer.class, String::valueOf);
    assertThat(TYPE.version()).isEqualTo(1);
    assertThat(third.withQueue("other").version()).isEqualTo(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TYPE.withVersion(0))
        .withMessageContaining("version must be 1 to");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TYPE.withUpcaster(1, Integer.class, String::valueOf))
        .withMessage("an upcaster must be from a version below 1, the current one, was from 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> third.withUpcaster(0, Integer.class, String::valueOf))
        .withMessageContaining("fromVersion must be 1 to");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> third.withUpcaster(1, Long.class, String::valueOf))
        .withMessage("there are two upcasters from version 1");
  }

  @Test
  void howLongAJobMayBeUnreadableHasARange() {
    assertThat(TYPE.maxUnreadableTime()).hasDays(1);
    assertThat(TYPE.withMaxUnreadableTime(Duration.ZERO).withVersion(2).maxUnreadableTime())
        .isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TYPE.withMaxUnreadableTime(Duration.ofNanos(-1)))
        .withMessageContaining("maxUnreadableTime must be PT0S to");
  }

  @Test
  void theSameTypeMayHaveSeveralQueues() {
    JobType<String> other = TYPE.withMaxRunTime(Duration.ofMinutes(5)).withQueue("other");
    assertThat(other.queue()).isEqualTo("other");
    assertThat(other.name()).isEqualTo("text");
    assertThat(other.maxRunTime()).hasMinutes(5);
    assertThat(TYPE.queue()).isEqualTo("texts");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TYPE.withQueue(" "))
        .withMessageContaining("queue");
  }

  @Test
  void theEndsOfTheRangeAreAllowed() {
    assertThat(TYPE.withMaxRunTime(Duration.ofMillis(1)).maxRunTime()).hasMillis(1);
    assertThat(TYPE.withMaxRunTime(Duration.ofDays(365)).maxRunTime()).hasDays(365);
  }

  @Test
  void aValueOutOfRangeIsRefusedByNameAndRule() {
    refused("maxRunTime must not be null", null);
    refused("maxRunTime must be PT0.001S to PT8760H, was PT0S", Duration.ZERO);
    refused("maxRunTime must be PT0.001S to PT8760H, was PT-1S", Duration.ofSeconds(-1));
    refused("maxRunTime must be PT0.001S to PT8760H", Duration.ofNanos(999_999));
    refused("maxRunTime must be PT0.001S to PT8760H", Duration.ofDays(365).plusNanos(1));
  }

  @SuppressWarnings("NullAway")
  private static void refused(String message, @Nullable Duration maxRunTime) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TYPE.withMaxRunTime(maxRunTime))
        .withMessageContaining(message);
  }
}
