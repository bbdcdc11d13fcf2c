package dev.lease.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultTest {

  private static Result result() {
    return new Result("drain", "lease", "sqlite", new Settings(Map.of("jobs", "100")));
  }

  @Test
  void isSoundWhereEachJobRanOnceOrIsLeft() {
    assertThat(result().put("ran", 100).put("dups", 0).put("left", 0).isSound()).isTrue();
    assertThat(result().put("ran", 60).put("dups", 0).put("left", 40).isSound()).isTrue();
  }

  @Test
  void isNotSoundWhereAJobRanTwice() {
    assertThat(result().put("ran", 100).put("dups", 1).put("left", 0).isSound()).isFalse();
  }

  @Test
  void isNotSoundWhereAJobIsLeftThoughAllRan() {
    assertThat(result().put("ran", 100).put("dups", 0).put("left", 1).isSound()).isFalse();
  }

  @Test
  void isNotSoundWhereAJobIsLost() {
    assertThat(result().put("ran", 99).put("dups", 0).put("left", 0).isSound()).isFalse();
    assertThat(result().put("ran", 100).put("stored", 99).isSound()).isFalse();
  }

  @Test
  void isNotSoundWithAnError() {
    assertThat(result().put("error", "no server").isSound()).isFalse();
  }
}
