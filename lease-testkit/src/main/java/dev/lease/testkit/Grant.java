package dev.lease.testkit;

import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Extended;
import dev.lease.testkit.Event.Granted;
import dev.lease.testkit.Event.Settled;
import dev.lease.testkit.Event.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A grant whose reply arrived, and all calls with its token. */
record Grant(Granted granted, List<Write> writes) {

  /** A call that set the expiry of the lease. */
  private record Term(Span span, Duration lease, boolean certain) {
    boolean replaces(Term earlier) {
      return certain && earlier.span.isBefore(span);
    }
  }

  /** The grants of one job or name, in the order of their tokens. */
  static List<Grant> of(List<Event> ofKey) {
    return only(Granted.class, ofKey)
        .filter(granted -> granted.answer() == Answer.YES)
        .sorted(Comparator.comparingLong(Granted::token))
        .map(
            granted ->
                new Grant(
                    granted,
                    only(Write.class, ofKey)
                        .filter(write -> write.token() == granted.token())
                        .toList()))
        .toList();
  }

  static <T extends Event> Stream<T> only(Class<T> kind, List<Event> events) {
    return events.stream().filter(kind::isInstance).map(kind::cast);
  }

  long token() {
    return granted.token();
  }

  Stream<Settled> settlements() {
    return writes.stream().filter(Settled.class::isInstance).map(Settled.class::cast);
  }

  /** Settlements and releases that were accepted. */
  List<Settled> accepted() {
    return settlements().filter(settled -> settled.answer() == Answer.YES).toList();
  }

  /**
   * Until when the holder may trust its lease (policy 3): counted from before each request was
   * sent, and at most until it gave the lease back. One call is left out, so that the caller can
   * ask whether that call was answered in time.
   */
  long trustedUntil(Timeline time, Event except) {
    return trustedUntil(time, except, terms(except));
  }

  /**
   * The same for a read, which may see a later time, but not yet what an extension under way does.
   */
  long trustedUntilRead(Timeline time, Event read) {
    List<Term> seen = new ArrayList<>(terms(read));
    seen.removeIf(term -> term.span().done() > read.span().sent());
    return Math.min(trustedUntil(time, read), trustedUntil(time, read, seen));
  }

  private long trustedUntil(Timeline time, Event except, List<Term> terms) {
    long until =
        terms.stream()
            .filter(term -> terms.stream().noneMatch(later -> later.replaces(term)))
            .mapToLong(term -> time.mayHavePassed(term.span().sent(), term.lease()))
            .min()
            .orElseThrow();
    return settlements()
        .filter(settled -> settled != except && settled.mayHaveHappened())
        .mapToLong(settled -> settled.span().sent())
        .reduce(until, Math::min);
  }

  /** True if the lease has expired by then, however late each call took effect. */
  boolean hasExpired(Timeline time, long at, Event except) {
    return terms(except).stream()
        .allMatch(term -> time.hasPassed(term.span().done(), term.lease(), at));
  }

  /** True if the lease may have been live at some moment of a span. */
  boolean mayBeLive(Timeline time, Span during) {
    return granted.span().sent() <= during.done()
        && accepted().stream().noneMatch(settled -> settled.span().isBefore(during))
        && !hasExpired(time, during.sent(), granted);
  }

  private List<Term> terms(Event except) {
    var terms = new ArrayList<Term>();
    terms.add(new Term(granted.span(), granted.lease(), true));
    for (Write write : writes) {
      if (write instanceof Extended extended && extended != except && extended.mayHaveHappened()) {
        terms.add(new Term(extended.span(), extended.lease(), extended.answer() == Answer.YES));
      }
    }
    return terms;
  }
}
