package dev.lease.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ResultTableTest {

  @Test
  @DisplayName("runs with the same settings are one row: median, least and most; failed ones count")
  void rows() {
    String table =
        ResultTable.of(
            List.of(
                line("'peer':'lease','settings':{'config':'tuned','jobs':'9'},'rate':300"),
                line("'peer':'lease','settings':{'config':'tuned','jobs':'9'},'rate':1000"),
                line("'peer':'lease','settings':{'config':'tuned','jobs':'9'},'rate':20000"),
                line("'peer':'lease','settings':{'config':'default','jobs':'9'},'rate':2.5"),
                line("'peer':'other','settings':{'config':'tuned','jobs':'9'},'error':'no'")));

    assertThat(table)
        .isEqualTo(
            """
            **drain**

            | what | runs | a second |
            |---|---|---|
            | lease redis config=tuned | 3 | 1,000 (300..20,000) |
            | lease redis config=default | 1 | 2.50 |
            | other redis config=tuned | 0 (1 failed) | - |

            """);
  }

  @Test
  @DisplayName("each workload has a table of its own")
  void workloads() {
    String table =
        ResultTable.of(
            List.of(
                line("'peer':'lease','settings':{},'rate':300"),
                new ResultLine(
                    Json.MAPPER.readTree(
                        "{\"workload\":\"latency\",\"p50\":1.5,\"peer\":\"x\"}"))));

    assertThat(table).containsSubsequence("**drain**", "a second", "**latency**", "p50 ms");
  }

  private static ResultLine line(String fields) {
    String json = "{'workload':'drain','store':'redis'," + fields + "}";
    return new ResultLine(Json.MAPPER.readTree(json.replace('\'', '"')));
  }
}
