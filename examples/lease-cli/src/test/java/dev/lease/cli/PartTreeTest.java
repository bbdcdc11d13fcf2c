package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.GraphPart;
import dev.lease.OnFailure;
import dev.lease.PartState;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PartTreeTest {

  private static PartState part(String name, String... after) {
    GraphPart part = GraphPart.of(name);
    for (String other : after) {
      part = part.after(other, OnFailure.CANCEL);
    }
    return PartState.of(part, PartState.Stage.WAITING, 1, 0, 0, 0);
  }

  @Test
  @DisplayName(
      "a part stands under the last one that is there of those it comes after, or at the top")
  void missing() {
    List<PartState> parts =
        List.of(
            part("mail", "gone"),
            part("load"),
            part("sum", "gone", "load"),
            part("end", "sum", "gone"));
    assertThat(PartTree.of(parts))
        .extracting(branch -> branch.state().part().name(), PartTree.Branch::depth)
        .containsExactly(tuple("mail", 0), tuple("load", 0), tuple("sum", 1), tuple("end", 2));
  }
}
