package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.Due;
import dev.lease.NewJob;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class JobTypeTest {

  private static final JobType<String> TYPE = JobType.of("texts", "text", String.class);

  record Receipt(String number) {}

  @Test
  void aTypeHasTheDefaultsOfJobs() {
    NewJob job = NewJob.builder("texts", "a", "text", "{}").build();
    assertThat(TYPE.maxCrashes()).isNull();
    assertThat(TYPE.maxFailures()).isNull();
    assertThat(TYPE.priority()).isEqualTo(job.priority());
    assertThat(TYPE.keep()).isNull();
  }

  @Test
  void theTypeOfTheJobsThatKeepSchedulesIsTaken() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JobType.of("texts", "lease-schedule", String.class))
        .withMessageContainingAll("name must not be lease-schedule", "choose another name");
  }

  @Test
  void aChangeLeavesTheRestAsItWas() {
    changedOneByOne(TYPE);
    changedOneByOne(TYPE.returning(Receipt.class));
  }

  private static void changedOneByOne(JobType<String> type) {
    JobType<String> changed =
        type.withMaxCrashes(7)
            .withMaxFailures(8)
            .withPriority(9)
            .withKeep(Duration.ofDays(2))
            .withNotAfter(Duration.ofDays(3))
            .withKey(text -> "key of " + text)
            .withVersion(2)
            .withUpcaster(1, Integer.class, String::valueOf)
            .in("other");
    assertThat(changed).hasSameClassAs(type).hasToString("text of queue other");
    assertThat(changed.payloadType()).isEqualTo(String.class);
    assertThat(changed.maxCrashes()).isEqualTo(7);
    assertThat(changed.maxFailures()).isEqualTo(8);
    assertThat(changed.priority()).isEqualTo(9);
    assertThat(changed.keep()).hasDays(2);
    assertThat(changed.notAfter()).hasDays(3);
    NewJob job = changed.job("id", "a", "", Map.of()).build();
    assertThat(job.notAfter()).isEqualTo(Due.after(Duration.ofDays(3)));
    assertThat(job.key()).isEqualTo("key of a");
    assertThat(changed.version()).isEqualTo(2);
    JobType<String> unset =
        changed
            .withMaxFailures(null)
            .withMaxCrashes(null)
            .withKeep(null)
            .withNotAfter(null)
            .withKey(null);
    assertThat(unset.maxFailures()).isNull();
    assertThat(unset.maxCrashes()).isNull();
    assertThat(unset.job("id", "a", "", Map.of()).build().maxCrashes())
        .isEqualTo(NewJob.DEFAULT_MAX_CRASHES);
    assertThat(unset.keep()).isNull();
    assertThat(unset.notAfter()).isNull();
    assertThat(unset.key()).isNull();
    assertThat(type.queue()).isEqualTo("texts");
    assertThat(type.priority()).isEqualTo(NewJob.DEFAULT_PRIORITY);
  }

  @Test
  void whatIsReturnedMayHaveTypeArguments() {
    var list = new TypeReference<List<Receipt>>() {};
    assertThat(TYPE.returning(list).in("other").withPriority(1).resultType())
        .isEqualTo(list.type());
    assertThat(TYPE.returning(Receipt.class).resultType()).isEqualTo(Receipt.class);
  }

  @Test
  void aPayloadMayHaveTypeArguments() {
    var list = new TypeReference<List<String>>() {};
    JobType<List<String>> type = JobType.of("texts", "list", list);
    assertThat(type.payloadType()).isEqualTo(list.type());
    assertThat(type.withMaxCrashes(7).payloadType()).isEqualTo(list.type());
  }

  @Test
  void aVersionAndItsUpcastersFitTogether() {
    JobType<String> third = TYPE.withVersion(3).withUpcaster(1, Integer.class, String::valueOf);
    assertThat(TYPE.version()).isEqualTo(1);
    assertThat(third.in("other").version()).isEqualTo(3);
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
  @SuppressWarnings("NullAway")
  void aValueOutOfRangeIsRefusedByNameAndRule() {
    refused("queue must not be blank", () -> TYPE.in(" "));
    refused("priority must be 0 to 9, was 10", () -> TYPE.withPriority(10));
    refused("priority must be 0 to 9, was -1", () -> TYPE.withPriority(-1));
    refused("keep must be PT0S to", () -> TYPE.withKeep(Duration.ofNanos(-1)));
    refused("maxCrashes must be 1 to", () -> TYPE.withMaxCrashes(0));
    refused("maxFailures must be 1 to", () -> TYPE.withMaxFailures(0));
    refused("notAfter must be PT0S to", () -> TYPE.withNotAfter(Duration.ofNanos(-1)));
    refused("resultType must not be null", () -> TYPE.returning((Class<String>) null));
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }
}
