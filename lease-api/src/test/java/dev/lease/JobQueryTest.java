package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.JobFilter.Condition;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JobQueryTest {

  private static final JobFilter ALL = JobFilter.all();

  @Test
  @DisplayName("Q83 a filter tells each condition that it has")
  void conditions() {
    Instant now = Instant.EPOCH;
    Map<Condition, JobFilter> filters =
        Map.of(
            Condition.QUEUE, ALL.inQueue("q"),
            Condition.STATE, ALL.inState(JobState.DONE),
            Condition.TYPE, ALL.ofType("t"),
            Condition.KEY, ALL.withKey("k"),
            Condition.ID_PREFIX, ALL.withIdPrefix("i"),
            Condition.ERROR_TEXT, ALL.withErrorText("e"),
            Condition.CREATED, ALL.createdBetween(now, null),
            Condition.FINISHED, ALL.finishedBetween(null, now),
            Condition.UNKNOWN, ALL.withUnknownCondition());
    assertThat(filters).containsOnlyKeys(Condition.values());
    filters.forEach(
        (condition, filter) -> assertThat(filter.conditions()).containsExactly(condition));
    assertThat(ALL.conditions()).isEmpty();
    assertThat(ALL.createdBetween(null, null).conditions()).isEmpty();
    assertThat(ALL.withUnknownCondition().ofType("t").conditions())
        .containsExactly(Condition.TYPE, Condition.UNKNOWN);
  }

  @Test
  @DisplayName("Q83 what is not known is refused by its name")
  void known() {
    Set<Condition> conditions = EnumSet.of(Condition.QUEUE);
    Set<JobOrder> orders = EnumSet.of(JobOrder.OLDEST_FIRST);
    JobQuery query = JobQuery.of(ALL.inQueue("q"));
    assertThatCode(() -> query.requireKnown(conditions, orders)).doesNotThrowAnyException();
    assertThatThrownBy(() -> query.order(JobOrder.NEWEST_FIRST).requireKnown(conditions, orders))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("the order NEWEST_FIRST");
    assertThatThrownBy(() -> JobQuery.of(ALL.ofType("t")).requireKnown(conditions, orders))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("the condition TYPE");
  }

  @Test
  @DisplayName("Q85 last finished first takes no state that is not finished")
  void finishedStates() {
    JobOrder last = JobOrder.LAST_FINISHED_FIRST;
    assertThatCode(() -> JobQuery.of(ALL).order(last)).doesNotThrowAnyException();
    assertThatCode(() -> JobQuery.of(ALL.inState(JobState.FAILED)).order(last))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> JobQuery.of(ALL.inState(JobState.FAILED, JobState.RETRY)).order(last))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one was RETRY: leave it out");
  }

  @Test
  @DisplayName("Q84 the bounds of a page are checked")
  void bounds() {
    JobQuery query = JobQuery.of(ALL);
    for (int limit : new int[] {0, 1_001}) {
      assertThatThrownBy(() -> query.limit(limit)).isInstanceOf(IllegalArgumentException.class);
    }
    for (int jobs : new int[] {0, JobQuery.MAX_EXAMINED + 1}) {
      assertThatThrownBy(() -> query.examineAtMost(jobs))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(query.limit(7).examineAtMost(9).brief().after("here"))
        .isEqualTo(query.after("here").brief().examineAtMost(9).limit(7))
        .isNotEqualTo(query.limit(7).examineAtMost(9).after("here"));
  }

  @Test
  @DisplayName("Q84 a text is cut between two characters")
  void brief() {
    String characters = "😀".repeat(Limits.BRIEF_CHARS);
    assertThat(Limits.brief(characters)).isSameAs(characters);
    assertThat(Limits.brief(characters + "a")).isEqualTo(characters);
    assertThat(Limits.brief("a".repeat(201))).hasSize(200);
  }
}
