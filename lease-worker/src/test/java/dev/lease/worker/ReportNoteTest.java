package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Limits;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReportNoteTest {

  private static ReportNote note(
      int queues, String name, List<List<Long>> minutes, ReportNote.Stuck... stuck) {
    return new ReportNote(
        "worker-7.example.com",
        12_345L,
        "1.2.3",
        1_700_000_000_000L,
        "UP",
        List.of(),
        10,
        queues,
        3,
        20,
        0,
        28_333_333L,
        IntStream.range(0, queues)
            .mapToObj(i -> new ReportNote.Queue(name + i, 10, 3, 20, 0, 512L, minutes))
            .toList(),
        List.of(stuck));
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  @DisplayName("W33 a report has 20 queues, and as many of 60 minutes as fit into a note")
  void large() {
    List<List<Long>> hour = Collections.nCopies(60, List.of(1_234L, 5L, 67L, 8L, 890L));

    String text = note(20, "orders", hour).text();

    assertThat(bytes(text)).isBetween(6_000, Limits.MAX_NOTE_BYTES);
    List<ReportNote.Queue> queues =
        Objects.requireNonNull(ReportNote.read(text).orElseThrow().queues());
    assertThat(queues).hasSize(20);
    assertThat(queues.get(19).minutes()).hasSizeGreaterThanOrEqualTo(15).startsWith(hour.get(0));
  }

  @Test
  @DisplayName("W33 a report whose names are long has fewer queues")
  void longNames() {
    String text = note(20, "\u0001".repeat(198), List.of()).text();

    assertThat(bytes(text)).isLessThanOrEqualTo(Limits.MAX_NOTE_BYTES);
    assertThat(ReportNote.read(text).orElseThrow().queues()).hasSize(5);
  }

  @Test
  @DisplayName("W33 a report keeps stuck jobs before queues, and fits into a note all the same")
  void stuck() {
    List<List<Long>> hour = Collections.nCopies(60, List.of(1_234L, 5L, 67L, 8L, 890L));
    for (String character : List.of("x", "é", "\u0001")) {
      String name = character.repeat(198 / bytes(character));
      var stuck = new ReportNote.Stuck(name, name, name, 1L, character.repeat(600));

      String text = note(20, name, hour, stuck, stuck, stuck, stuck, stuck).text();

      assertThat(bytes(text)).isBetween(2_000, Limits.MAX_NOTE_BYTES);
      assertThat(ReportNote.read(text).orElseThrow().stuckJobs()).contains(stuck);
    }
  }

  @Test
  @DisplayName("W33 a report is as small as the documentation says")
  void usual() {
    assertThat(bytes(note(1, "orders", List.of()).text())).isLessThan(310);
    assertThat(
            bytes(
                note(1, "orders", Collections.nCopies(60, List.of(183L, 0L, 2L, 0L, 35L))).text()))
        .isLessThan(1_250);
  }
}
