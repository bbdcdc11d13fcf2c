package dev.lease.examples.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MutatorTest {

  @Test
  @DisplayName("a mutant of a statement has one change")
  void sql() {
    assertThat(
            changedLines(
                new SqlMutator(),
                """
                -- In a comment a > b and 1 + 1 stay.
                update job
                set state = 2,
                  due = coalesce(:due, {now} - :age)
                where id = :id
                  and (:all or due <= {now})
                """))
        .containsExactlyInAnyOrder(
            "set state = 3,",
            "set state = case when true then job.state else 2 end,",
            "due = coalesce(:due, {now} + :age)",
            "due = case when true then job.due else coalesce(:due, {now} - :age) end",
            "due = case when true then {now} - :age else :due end",
            "due = case when true then :due else {now} - :age end",
            "where (id = :id or true)",
            "where not (id = :id)",
            "and ((:all or due <= {now}) or true)",
            "and not ((:all or due <= {now}))",
            "and ((:all and false) or due <= {now})",
            "and (not (:all) or due <= {now})",
            "and (:all or (due <= {now} and false))",
            "and (:all or not (due <= {now}))",
            "and (:all or due < {now})");
  }

  @Test
  @DisplayName("a mutant of a query has one change")
  void queries() {
    assertThat(
            changedLines(
                new SqlMutator(),
                """
                select id, case when held then 1 else 0 end
                from job
                left join step on step.job = job.id
                order by seq desc, id
                limit :limit
                """))
        .containsExactlyInAnyOrder(
            "select id, case when (held or true) then 1 else 0 end",
            "select id, case when not (held) then 1 else 0 end",
            "select id, case when held then 2 else 0 end",
            "select id, case when held then 1 else 1 end",
            "join step on step.job = job.id",
            "left join step on (step.job = job.id or true)",
            "left join step on not (step.job = job.id)",
            "", // without the order
            "order by null, id",
            "order by seq desc, null",
            "order by seq , id",
            "limit :limit + 1000000");
  }

  @Test
  @DisplayName("a mutant of a statement of PostgreSQL's has one change")
  void locks() {
    assertThat(
            changedLines(
                new SqlMutator(),
                """
                with free as (
                  select id from job
                  where due <= {asof}
                  {fresh:and held is null}
                  {expired:, other as (select 1)}
                  limit :limit
                  for no key update skip locked)
                update job
                set token = greatest(token, {now})
                from (values (1)) one
                left join free on true
                """))
        .containsExactlyInAnyOrder(
            "where due < {asof}",
            "where (due <= {asof} or true)",
            "where not (due <= {asof})",
            "{fresh:and (held is null or true)}",
            "{fresh:and not (held is null)}",
            "", // without {expired:}
            "limit :limit + 1000000",
            ")", // without the lock
            "for no key update )",
            "set token = case when true then job.token else greatest(token, {now}) end",
            "set token = case when true then {now} else token end",
            "set token = case when true then token else {now} end",
            "join free on true");
  }

  @Test
  @DisplayName("a mutant of a script has one change")
  void lua() {
    assertThat(
            changedLines(
                new LuaMutator(),
                """
                local n = tonumber(ARGV[1] or 0)
                -- In a comment a > b and 1 + 1 stay.
                if n < 5 and known(id) then
                  write('HDEL', taken, key)
                  job[STATE] = HELD
                end
                return redis.call('HGET', taken, key)
                """))
        .containsExactlyInAnyOrder(
            "local n = tonumber(ARGV[1] or 1)",
            "local n = tonumber((ARGV[1] and false) or 0)",
            "local n = tonumber(ARGV[1] or (0 and false))",
            "if n <= 5 and known(id) then",
            "if n < 6 and known(id) then",
            "if (n < 5 or true) and known(id) then",
            "if not (n < 5) and known(id) then",
            "if n < 5 and (known(id) or true) then",
            "if n < 5 and not (known(id)) then",
            "", // without the command
            "write(taken, 'HDEL', key)",
            "", // without the assignment
            "return redis.call('HGET', key, taken)");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the mutants of a store have names and texts of their own")
  void ofStores(Store store) {
    List<Mutant> mutants = store.mutants(Store.ROOT);

    assertThat(mutants).hasSizeGreaterThan(300);
    assertThat(mutants).extracting(Mutant::toString).doesNotHaveDuplicates();
    assertThat(mutants).extracting(mutant -> mutant.file() + mutant.text()).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("mutants that change different places make one text together")
  void together() {
    String text = "if n < 5 then";
    var edge = new Mutant("file", "edge", "if n <= 5 then");
    var number = new Mutant("file", "number", "if n < 6 then");
    var negated = new Mutant("file", "negated", "if not (n < 5) then");

    assertThat(Mutant.together(text, List.of(number, edge))).isEqualTo("if n <= 6 then");
    assertThat(number.overlaps(edge, text)).isFalse();
    assertThat(negated.overlaps(edge, text)).isTrue();
    assertThat(number.overlaps(negated, text)).isTrue();
  }

  private static List<String> changedLines(Mutator mutator, String text) {
    List<String> before = text.lines().toList();
    return mutator.mutants("file", text).stream()
        .map(
            mutant ->
                mutant
                    .text()
                    .lines()
                    .filter(line -> !before.contains(line))
                    .map(String::strip)
                    .collect(Collectors.joining("\n")))
        .toList();
  }
}
