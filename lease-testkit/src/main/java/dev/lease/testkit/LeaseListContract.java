package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The list of leases by the beginning of their names, page by page. */
@Since(2)
abstract class LeaseListContract extends LeaseNoteContract {

  /** Ends of names, in the order of their UTF-8 bytes; several begin with others of them. */
  private static final List<String> ENDS =
      List.of("", " ", "%", "%a", "A", "_", "a", "a%", "aa", "aab", "ab", "é", "～", "😀", "😀a");

  private static List<String> names(List<Lease> leases) {
    return leases.stream().map(Lease::name).toList();
  }

  private static List<String> listed(LeaseStore store, String prefix) {
    return names(AllPages.of(store, prefix));
  }

  private static List<String> listed(LeaseStore store, String prefix, String after, int limit) {
    return names(AllPages.of(store, prefix, after, limit));
  }

  private static List<String> inPages(LeaseStore store, String prefix, int limit) {
    List<String> all = new ArrayList<>();
    String after = null;
    do {
      LeasePage page = store.list(prefix, after, limit);
      assertThat(page.leases()).as("a page").hasSizeLessThanOrEqualTo(limit);
      all.addAll(names(page.leases()));
      assertThat(all).as("the names of all pages so far").doesNotHaveDuplicates();
      after = page.next();
    } while (after != null);
    return all;
  }

  @Test
  @DisplayName("L33 list gives the names with the prefix, and no character of it is a pattern")
  @ResourceLock(LIST)
  void prefixesAreLiteral() {
    takeLongLeases();
    String common = unique("L33");
    for (String special : List.of("%", "_", "*", "?", "[a]", ".", "\\", "\\%", "'", "^")) {
      String name = common + special + "x";
      acquired(name);
      acquired(common + "a" + special + "x");
      assertThat(listed(other, common + special))
          .as("the names that begin with '%s'", common + special)
          .contains(name)
          .allMatch(it -> it.startsWith(common + special));
    }
    acquired(common + "case");
    acquired("elsewhere " + common + "case");
    assertThat(listed(other, common + "C")).as("the prefix in another case").isEmpty();
    assertThat(listed(other, common + "case ")).as("the prefix with a blank").isEmpty();
    assertThat(listed(other, common + "c"))
        .as("the prefix of a name that has it elsewhere too")
        .containsExactly(common + "case");
  }

  @Test
  @DisplayName("L33 pages of any size give each lease once, in the order of UTF-8 bytes")
  @ResourceLock(LIST)
  void pagesGiveAll() {
    takeLongLeases();
    String common = unique("L33");
    List<String> all = ENDS.stream().map(end -> common + end).toList();
    for (int i = all.size() - 1; i >= 0; i--) {
      acquired(i % 2 == 0 ? store : other, all.get(i));
    }
    for (int limit : new int[] {1, 2, 7, all.size(), 1_000}) {
      assertThat(inPages(store, common, limit)).as("in pages of %s", limit).isEqualTo(all);
    }
    assertThat(inPages(store, common + "a", 1))
        .as("the names that begin with another name")
        .containsExactly(common + "a", common + "a%", common + "aa", common + "aab", common + "ab");
  }

  @Test
  @DisplayName("L33 a page begins after the given name, wherever that is")
  @ResourceLock(LIST)
  void pagesBeginAfterAnyName() {
    takeLongLeases();
    String common = unique("L33");
    for (String end : List.of("b", "c", "d")) {
      acquired(common + end);
    }
    String prefix = common;
    assertThat(listed(store, prefix, common + "bb", 10))
        .as("after a name that is not there")
        .containsExactly(common + "c", common + "d");
    assertThat(listed(store, prefix, "!", 2))
        .as("after a name before the prefix")
        .containsExactly(common + "b", common + "c", common + "d");
    assertThat(listed(store, prefix, common + "d", 10)).as("after the last one").isEmpty();
    assertThat(listed(store, prefix, "\uDBFF\uDFFF", 10)).as("after all names").isEmpty();
    assertThat(listed(store, "", common + "b", 1_000))
        .as("after a name, without a prefix")
        .contains(common + "c", common + "d")
        .doesNotContain(common + "b");
  }

  @Test
  @Since(3)
  @DisplayName("L33 a page after a name before the prefix begins with the prefix")
  @ResourceLock(LIST)
  void pagesBeginWithThePrefix() {
    takeLongLeases();
    String common = unique("L33");
    acquired("!" + common);
    acquired(common + "b");
    assertThat(listed(store, common, "!", 2)).containsExactly(common + "b");
  }

  @Test
  @DisplayName("L33 what is held during the whole listing is listed once, whatever comes and goes")
  @ResourceLock(LIST)
  void heldLeasesAreListedOnce() {
    takeLongLeases();
    String common = unique("L33");
    List<String> held = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    for (int i = 10; i < 30; i++) {
      held.add(acquired(common + i).name());
    }
    String after = null;
    do {
      LeasePage page = store.list(common, after, 3);
      seen.addAll(names(page.leases()));
      assertThat(seen).as("the names listed so far").doesNotHaveDuplicates();
      after = page.next();
      if (held.contains(after) && !page.leases().isEmpty()) {
        // One that was before the page, one that the next page begins with, and a renewed one.
        acquired(other, common + "0" + after);
        store.release(acquired(other, after + "!"));
        acquired(other, after + "\"");
        store.renew(page.leases().get(0), term);
      }
    } while (after != null);

    assertThat(seen).as("the names listed").containsAll(held);
  }

  @Test
  @DisplayName("L33 prefixes of 0 to 200 bytes are taken, and bad ones and bad names refused")
  @ResourceLock(LIST)
  void badPrefixes() {
    String name = "é".repeat(99) + "x" + "y";
    Lease lease = acquired(name);
    for (String prefix : List.of(name, "é".repeat(99) + "x", "é")) {
      assertThat(listed(store, prefix)).as("by '%s'", prefix).contains(name);
    }
    store.release(lease);
    String blank = acquired(" " + unique("L33")).name();
    assertThat(listed(store, " ")).as("by a blank").contains(blank);

    assertRefused("no prefix", () -> store.list(absent(), null, 1));
    assertRefused("a long prefix", () -> store.list("x".repeat(201), null, 1));
    assertRefused("a prefix with U+0000", () -> store.list("a\u0000", null, 1));
    assertRefused("a prefix with a lone surrogate", () -> store.list("\uD83D", null, 1));
    Texts.BAD_NAMES.forEach(
        (why, bad) -> assertRefused("after a name " + why, () -> store.list("", bad, 1)));
    assertThat(Limits.MAX_NAME_BYTES).isEqualTo(200);
  }
}
