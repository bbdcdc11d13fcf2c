package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Capability;
import dev.lease.Lease;
import dev.lease.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a holder notes beside its lease. */
@Since(2)
abstract class LeaseNoteContract extends LeaseRenewContract {

  private static List<String> notes() {
    List<String> notes = new ArrayList<>(Texts.AWKWARD);
    notes.add("x".repeat(Limits.MAX_NOTE_BYTES));
    notes.add("😀".repeat(Limits.MAX_NOTE_BYTES / 4));
    return notes;
  }

  private void requireNotes() {
    if (lacks(Capability.NOTES)) {
      reportAsLacking(Capability.NOTES);
    }
  }

  private Lease noted(String name, String note) {
    Optional<Lease> lease = store.acquire(name, "kit", term, note);
    assertThat(lease).as("acquire of the free name %s with a note", name).isPresent();
    return lease.get();
  }

  @Test
  @DisplayName("L32 a store keeps notes, or refuses them and changes nothing")
  void notesAreKeptOrRefused() {
    String name = unique("L32");
    if (!lacks(Capability.NOTES)) {
      noted(name, "note");
      return;
    }
    assertThatThrownBy(() -> store.acquire(name, "kit", term, "note"))
        .as("acquire with a note")
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(record(name)).as("the record after the refusal").isEmpty();
    Lease lease = acquired(name);
    assertThatThrownBy(() -> store.renew(lease, term, "note"))
        .as("renew with a note")
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(record(name)).as("the record").contains(withoutAsOf(lease));
    reportAsLacking(Capability.NOTES);
  }

  @Test
  @DisplayName("L32 the answer of acquire, find and list show the note exactly")
  @ResourceLock(LIST)
  void notesRoundTrip() {
    requireNotes();
    for (String note : notes()) {
      Lease lease = noted(unique("L32"), note);
      assertThat(lease.note()).as("the answer of acquire").isEqualTo(note);
      assertThat(record(lease.name())).as("find").contains(withoutAsOf(lease));
      assertThat(AllPages.of(other, lease.name()))
          .as("list")
          .extracting(Lease::note)
          .containsExactly(note);
      store.release(lease);
    }
  }

  @Test
  @DisplayName("L32 renew with a note replaces it, from the first and to the last")
  void renewReplacesTheNote() {
    requireNotes();
    Lease lease = acquired(unique("L32"));
    assertThat(lease.note()).as("the note of a grant without one").isNull();
    for (String note : notes()) {
      Optional<Lease> renewed = store.renew(lease, term, note);
      assertThat(renewed.map(Lease::note)).as("the answer of renew").contains(note);
      assertThat(renewed.map(LeaseGrantContract::withoutAsOf))
          .as("find")
          .isEqualTo(record(lease.name()));
    }
  }

  @Test
  @DisplayName("L32 renew without a note keeps it, and its answer has it")
  void renewKeepsTheNote() {
    requireNotes();
    Lease lease = noted(unique("L32"), "note");
    for (Lease given : List.of(lease, lease.withNote(null), lease.withNote("of nobody"))) {
      Optional<Lease> renewed = other.renew(given, term.multipliedBy(2));
      assertThat(renewed.map(Lease::note)).as("the answer of renew").contains("note");
      assertThat(record(lease.name()).map(Lease::note)).as("find").contains("note");
    }
    assertThat(store.release(lease.withNote("of nobody"))).as("release").isTrue();
  }

  @Test
  @DisplayName("L32 a new grant never shows the note of an earlier one")
  @ResourceLock(LIST)
  void newGrantsHaveNoNote() throws Exception {
    requireNotes();
    String name = unique("L32");
    store.release(noted(name, "released"));
    assertNoNote(acquired(other, name));
    expireLeases();
    noted(name, "expires");
    expireLeases();
    assertNoNote(acquired(other, name));
  }

  private void assertNoNote(Lease lease) {
    assertThat(lease.note()).as("the answer of acquire").isNull();
    assertThat(record(lease.name()).orElseThrow().note()).as("find").isNull();
    assertThat(AllPages.of(store, lease.name()).get(0).note()).as("list").isNull();
    assertThat(store.renew(lease, term).orElseThrow().note()).as("the answer of renew").isNull();
  }

  @Test
  @DisplayName("L32 who does not hold a lease changes no note")
  void othersChangeNoNote() {
    requireNotes();
    String name = unique("L32");
    Lease lost = noted(name, "first");
    store.release(lost);
    Lease held = noted(name, "second");
    Optional<Lease> before = record(name);

    assertThat(other.acquire(name, "rival", term, "third")).as("a rival's acquire").isEmpty();
    assertThat(other.renew(lost, term, "third")).as("renew of a lost lease").isEmpty();

    assertThat(record(name)).as("the record").isEqualTo(before);
    assertThat(store.renew(held, term)).as("renew by the holder").isPresent();
  }

  @Test
  @DisplayName("L32 bad notes, and bad arguments beside a note, are refused, and nothing changes")
  void badNotes() {
    requireNotes();
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put("absent", absent());
    bad.put("one byte too long", "x".repeat(Limits.MAX_NOTE_BYTES + 1));
    bad.put("too long in bytes only", "é".repeat(Limits.MAX_NOTE_BYTES / 2 + 1));
    bad.put("with U+0000", "a\u0000b");
    bad.put("with a lone surrogate", "a\uD83D");
    String free = unique("L32");
    Lease lease = noted(unique("L32"), "note");
    Optional<Lease> before = record(lease.name());

    bad.forEach(
        (why, note) -> {
          assertRefused("acquire, note " + why, () -> store.acquire(free, "kit", term, note));
          assertRefused("renew, note " + why, () -> store.renew(lease, term, note));
        });
    assertRefused("acquire, bad name", () -> store.acquire("", "kit", term, "note"));
    assertRefused("acquire, bad owner", () -> store.acquire(free, "", term, "note"));
    assertRefused("acquire, no time", () -> store.acquire(free, "kit", Duration.ZERO, "note"));
    assertRefused("renew, no lease", () -> store.renew(absent(), term, "note"));
    assertRefused("renew, no time", () -> store.renew(lease, Duration.ZERO, "note"));

    assertThat(record(free)).as("the record of the free name").isEmpty();
    assertThat(record(lease.name())).as("the record of the held name").isEqualTo(before);
  }
}
