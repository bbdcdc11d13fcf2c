package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RedisErrorsTest {

  @Test
  @DisplayName("an error whose causes go in a circle has a reason, and may pass like others")
  void circularCauses() {
    var one = new IllegalStateException("no route");
    one.initCause(new IllegalStateException("no route", one));

    assertThat(RedisErrors.reason(new ExecutionException(one))).isEqualTo("no route");
    assertThat(RedisErrors.isDown(one)).isTrue();
    assertThat(RedisErrors.unwrapped(new CompletionException(new ExecutionException(one))))
        .isSameAs(one);
  }
}
