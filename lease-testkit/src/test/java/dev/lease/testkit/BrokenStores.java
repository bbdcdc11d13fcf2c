package dev.lease.testkit;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All broken stores, why some clauses have none, and the page that tells of them. */
final class BrokenStores {

  static final List<BrokenStore> ALL =
      Stream.of(
              BrokenGrants.ALL,
              BrokenTokens.ALL,
              BrokenRenewals.ALL,
              BrokenNames.ALL,
              BrokenEnqueues.ALL,
              BrokenClaims.ALL,
              BrokenHolds.ALL,
              BrokenSettlements.ALL,
              BrokenCancels.ALL,
              BrokenResets.ALL,
              BrokenReads.ALL,
              BrokenRaces.ALL,
              BrokenBoundaries.ALL,
              BrokenChanges.ALL)
          .flatMap(List::stream)
          .sorted(Comparator.comparing(BrokenStore::clause))
          .toList();

  /** What the contract has decided, by the store that has decided otherwise. */
  static final Map<String, String> POLICIES =
      Map.ofEntries(
          Map.entry(
              "the holder who asks again is given its lease again (re-entrancy)",
              "who holds a lease is refused when it asks again"),
          Map.entry(
              "a lease that expired is renewed as long as nobody took it",
              "a lease that is renewed too late is lost"),
          Map.entry("renew never shortens: the greater expiry wins", "renew may shorten"),
          Map.entry(
              "release needs the name and the owner only",
              "the token is the credential, not the owner"),
          Map.entry(
              "a lease that expired is extended as long as nobody took the job",
              "a job that is extended too late is lost"),
          Map.entry("extend never shortens: the greater expiry wins", "extend may shorten"),
          Map.entry(
              "a settlement after expiry is refused, though nobody took the job",
              "a late settlement is accepted until the job is claimed again or reset"),
          Map.entry(
              "after expiry progress is refused",
              "late progress is accepted until the job is claimed again or reset"),
          Map.entry(
              "after expiry a checkpoint is refused",
              "a late checkpoint is kept until the job is claimed again or reset"),
          Map.entry("the last value of a step wins", "the first value of a step wins"),
          Map.entry("a release counts as an attempt", "a release gives its attempt back"),
          Map.entry("an attempt that expired does not count", "attempts count claims"),
          Map.entry("an expired job waits for a reset", "a claim takes expired jobs directly"),
          Map.entry("a reset job is due now", "a reset leaves the due time"),
          Map.entry("the id of a job that is DONE is free", "an id is taken while its job is kept"),
          Map.entry(
              "a dedup key stays taken when its job is DONE",
              "a dedup key is free when it is DONE"),
          Map.entry(
              "a dedup key stays taken when its job is FAILED",
              "a dedup key is free when its job is FAILED"),
          Map.entry(
              "a dedup key is free once its job runs", "a dedup key is taken while its job runs"),
          Map.entry(
              "a job that is done although it was to be cancelled is CANCELLED",
              "what is done stays DONE, although it was to be cancelled"));

  /** The clauses that no store in memory can break, or none can be asked about, and why. */
  static final Map<String, String> UNBROKEN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "L19",
                  "it is L02 and L07 under clocks that differ: see the store of L07 whose clock"
                      + " runs ahead"),
              Map.entry("L22", "there is no database whose error could be taken for an answer"),
              Map.entry("L29", "there is no pool, no isolation and no transaction of the caller"),
              Map.entry("Q08", "there is no transaction of the caller"),
              Map.entry("Q16", "there is no row that a transaction has locked"),
              Map.entry("Q31", "there is no transaction of the caller"),
              Map.entry(
                  "Q47", "its test finds by chance: ModelTest runs it on broken stores of its own"),
              Map.entry("Q44", "there is no index that could lose an entry"),
              Map.entry("Q50", "a plan or the touched buffers can be asked of a database only"),
              Map.entry("Q52", "there is no schema to be made"),
              Map.entry("Q53", "time is an Instant everywhere: no session has a time zone")));

  private BrokenStores() {}

  static Set<String> clauses() {
    return ALL.stream().map(BrokenStore::clause).collect(Collectors.toCollection(TreeSet::new));
  }

  /** The page BROKEN-STORES.md. */
  static String page() {
    var page = new StringBuilder();
    page.append(
        """
        # Broken stores

        The kit proves itself: each store below is the reference store with one rule broken, most of them
        in a way that was seen in a real system. A test runs the whole kit on each, and asserts that it fails
        in the clause that the store breaks, in the neighbours named (where the same rule shows in more than
        one clause), and in no other. This page is made by `BrokenStoresTest`, which fails when it is out of date.

        """);
    page.append("There are %d, for %d clauses.\n\n".formatted(ALL.size(), clauses().size()));
    page.append(
        "| clause | how it is broken | also caught by | seen as |\n| --- | --- | --- | --- |\n");
    for (BrokenStore store : ALL) {
      page.append(
          "| %s | %s | %s | %s |\n"
              .formatted(
                  store.clause(),
                  store.how(),
                  String.join(" ", store.neighbours()),
                  String.join(" ", store.seen())));
    }
    page.append(
        """

        "Seen as" is the number that such a failure of a real system has in the notes from which the project was designed.

        ## Pairs that differ by a policy

        The contract decides some questions that other systems decide otherwise. A store that differs from the
        reference in nothing but such a decision is among those above, so the decision is tested:

        | the contract | the other choice |
        | --- | --- |
        """);
    ALL.stream()
        .filter(store -> POLICIES.containsKey(store.how()))
        .forEach(
            store ->
                page.append(
                    "| %s | %s: %s |\n"
                        .formatted(POLICIES.get(store.how()), store.clause(), store.how())));
    page.append(
        """

        ## Clauses without a broken store

        | clause | why no store in memory breaks it |
        | --- | --- |
        """);
    UNBROKEN.forEach((clause, why) -> page.append("| %s | %s |\n".formatted(clause, why)));
    return page.toString();
  }
}
