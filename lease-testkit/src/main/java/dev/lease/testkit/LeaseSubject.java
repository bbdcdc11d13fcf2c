package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A few named leases on which random calls are made. */
final class LeaseSubject extends Subject {

  static final List<String> NAMES = List.of("a", "b", "c");

  /** The lease that an acquire gave, and the variable that holds it in the source text. */
  record LeaseVariable(String variable, Lease lease) {}

  private final String name = Names.unique("model") + "-";

  private final List<Backend> objects;
  private final Map<Integer, LeaseVariable> grants = new TreeMap<>();
  private final Map<String, LeaseVariable> lastGrants = new HashMap<>();

  LeaseSubject(List<Backend> objects, StoreTime time, @Nullable CallListing listing) {
    super(time, listing);
    this.objects = objects;
    NAMES.forEach(each -> name(name(each), code(each)));
  }

  String name(String each) {
    return name + each;
  }

  private static String code(String each) {
    return "name + " + JavaSource.of(each);
  }

  private static String object(int turn) {
    return turn == 0 ? "store" : "other";
  }

  /** The LeaseStore of the backend object whose turn it is, for one call. */
  LeaseStore store() {
    countCall();
    LeaseStore store = objects.get(turn()).leaseStore();
    return listing == null ? store : listing.listed(LeaseStore.class, object(turn()), store);
  }

  /** Remembers the lease that an acquire gave. */
  void granted(String each, Lease lease, Observation seen) {
    var grant = new LeaseVariable("lease" + (grants.size() + 1), lease);
    String code = answer() + ".orElseThrow()";
    declare(grant.variable(), code, lease);
    grants.put(number(), grant);
    LeaseVariable last = lastGrants.put(each, grant);
    if (last != null) {
      seen.addLaw(
          code,
          "%1$s.token() > " + last.variable() + ".token()",
          lease.token() > last.lease().token());
    }
  }

  /** The lease that an earlier acquire was granted, as it is or forged. */
  Optional<Lease> lease(int acquire, LeaseForgery forgery) {
    return Optional.ofNullable(grants.get(acquire))
        .map(
            grant -> {
              Lease lease = forgery.of(grant.lease());
              name(lease, forgery.code(grant.variable()));
              return lease;
            });
  }

  /** The numbers of the acquires that were granted a lease. */
  List<Integer> granted() {
    return List.copyOf(grants.keySet());
  }

  @Override
  void look(Observation seen) {
    LeaseStore watcher = objects.get(1 - turn()).leaseStore();
    String code = object(1 - turn());
    for (String each : NAMES) {
      Optional<Lease> lease = watcher.find(name(each));
      String find = code + ".find(" + code(each) + ")";
      seen.add(find, "%1$s.isPresent()", lease.isPresent());
      lease.ifPresent(it -> lookAt(each, find + ".orElseThrow()", it, seen));
    }
    seen.add(
        code + ".list(name, null, 1000)",
        "%1$s.leases().stream().map(Lease::name).map(it -> it.substring(name.length())).toList()",
        AllPages.of(watcher, name).stream()
            .map(Lease::name)
            .map(it -> it.substring(name.length()))
            .toList());
  }

  void lookAt(String each, String code, Lease lease, Observation seen) {
    seen.add(code, "%1$s.owner()", lease.owner());
    seen.add(code, "%1$s.remaining()", lease.remaining());
    LeaseVariable last = lastGrants.get(each);
    if (last != null) {
      seen.add(
          code,
          "%1$s.token() == " + last.variable() + ".token()",
          lease.token() == last.lease().token());
    }
  }
}
