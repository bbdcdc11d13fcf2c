package dev.lease.testkit;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All broken stores, the reasons why some clauses have none, and the page that lists them. */
final class BrokenStores {

  static final List<BrokenStore> ALL =
      Stream.of(
              BrokenGrants.ALL,
              BrokenTokens.ALL,
              BrokenRenewals.ALL,
              BrokenNames.ALL,
              BrokenNotes.ALL,
              BrokenEnqueues.ALL,
              BrokenKeptKeys.ALL,
              BrokenKeys.ALL,
              BrokenGraphs.ALL,
              BrokenTexts.ALL,
              BrokenNumbers.ALL,
              BrokenPasts.ALL,
              BrokenLives.ALL,
              BrokenFinishes.ALL,
              BrokenPairs.ALL,
              BrokenStates.ALL,
              BrokenObjects.ALL,
              BrokenClaims.ALL,
              BrokenHolds.ALL,
              BrokenSettlements.ALL,
              BrokenCancels.ALL,
              BrokenResets.ALL,
              BrokenReads.ALL,
              BrokenRaces.ALL,
              BrokenBoundaries.ALL,
              BrokenChanges.ALL,
              BrokenFields.ALL,
              BrokenRefusals.ALL,
              BrokenTimes.ALL,
              BrokenEdges.ALL,
              BrokenMixtures.ALL,
              BrokenActions.ALL,
              BrokenQueries.ALL,
              BrokenFilters.ALL,
              BrokenWays.ALL)
          .flatMap(List::stream)
          .sorted(Comparator.comparing(BrokenStore::clause))
          .toList();

  /** Decisions of the contract, by the broken store that decides otherwise. */
  static final Map<String, String> POLICIES =
      Map.ofEntries(
          Map.entry(
              "a holder that asks again is granted its lease again (re-entrancy)",
              "a holder that asks again is refused"),
          Map.entry(
              "an expired lease can be renewed as long as nobody acquired it",
              "a late renewal is lost"),
          Map.entry("renew never shortens: the greater expiry wins", "renew may shorten"),
          Map.entry(
              "release needs only the name and the owner",
              "the token is the credential, not the owner"),
          Map.entry(
              "an expired lease can be extended as long as nobody claimed the job",
              "a late extension is lost"),
          Map.entry("extend never shortens: the greater expiry wins", "extend may shorten"),
          Map.entry(
              "a settlement after expiry is refused, though nobody claimed the job",
              "a late settlement is accepted until a re-claim or reset"),
          Map.entry(
              "after expiry progress is refused",
              "late progress is accepted until a re-claim or reset"),
          Map.entry(
              "after expiry a checkpoint is refused",
              "a late checkpoint is accepted until a re-claim or reset"),
          Map.entry("the last value of a step wins", "the first value of a step wins"),
          Map.entry("a release counts as an attempt", "a release gives its attempt back"),
          Map.entry("an attempt that expired does not count", "attempts count claims"),
          Map.entry("an expired job waits for a reset", "a claim takes expired jobs directly"),
          Map.entry("a reset job is due now", "a reset leaves the due time"),
          Map.entry("the id of a job that is DONE is free", "an id is taken while its job is kept"),
          Map.entry(
              "a dedup key stays taken when its job is DONE",
              "a dedup key is free when its job is DONE"),
          Map.entry(
              "a dedup key stays taken when its job is FAILED",
              "a dedup key is free when its job is FAILED"),
          Map.entry(
              "a dedup key is free once its job is held",
              "a dedup key is taken while its job is held"),
          Map.entry(
              "done makes a job CANCELLED after a requested cancellation",
              "done makes a job DONE, even after a requested cancellation"));

  /**
   * Clauses that no store in memory can break, or that cannot be tested with one, and the reasons.
   */
  static final Map<String, String> UNBROKEN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "L19",
                  "it is L02 and L07 with clocks that differ: see the store of L07 whose clock"
                      + " runs one unit ahead"),
              Map.entry("L22", "there is no database whose errors could be mistaken for answers"),
              Map.entry(
                  "L29",
                  "there is no connection pool, no isolation level and no transaction of the"
                      + " caller"),
              Map.entry(
                  "L31", "no call can hang; FaultyNetworkContractTest has clients whose calls do"),
              Map.entry("Q08", "there is no transaction of the caller"),
              Map.entry("Q16", "there is no row that a transaction has locked"),
              Map.entry("Q31", "there is no transaction of the caller"),
              Map.entry(
                  "Q47",
                  "its test finds failures by chance; ModelTest runs it on broken stores of its"
                      + " own"),
              Map.entry("Q44", "there is no index that could lose an entry"),
              Map.entry("Q50", "only a database has query plans and buffers"),
              Map.entry("Q70", "only a database has query plans and buffers"),
              Map.entry("Q71", "no failover and no foreign write can take a slot away"),
              Map.entry("Q80", "it has no cost to measure"),
              Map.entry("Q52", "there is no schema to create")));

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

        The kit is tested with these stores. Each is the reference store with one rule broken. "Real" marks faults
        that were seen in real systems. A test runs the whole kit on each store. The kit must fail in the clause that
        the store breaks, and in no other except those under "also caught by", where the same rule shows.

        `BrokenStoresTest` makes this page, and fails if the page is out of date.

        """);
    page.append("There are %d, for %d clauses.\n\n".formatted(ALL.size(), clauses().size()));
    page.append(
        "| clause | how it is broken | also caught by | real |\n| --- | --- | --- | --- |\n");
    for (BrokenStore store : ALL) {
      page.append(
          "| %s | %s | %s | %s |\n"
              .formatted(
                  store.clause(),
                  store.how(),
                  String.join(" ", store.neighbours()),
                  store.seen().isEmpty() ? "" : "yes"));
    }
    page.append(
        """

        ## Pairs that differ by a policy

        The contract decides some questions that other systems decide otherwise. For each such decision one of the
        stores above decides otherwise and does everything else right, so the decision is tested:

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
