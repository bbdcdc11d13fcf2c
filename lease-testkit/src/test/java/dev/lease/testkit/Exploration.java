package dev.lease.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at each state that a model can reach, the nearest first.
 *
 * @param <S> a state
 * @param <C> what is kept of each state
 */
final class Exploration<S, C> {

  /** What is explored. */
  interface Model<S, C> {

    /** Equal for states that are alike. */
    C code(S state);

    /** One of the states that have the code. */
    S of(S beginning, C code);

    /** What is wrong with a state, or null. */
    @Nullable String fault(S state);

    /** Makes each step that can come next, and tells it in words. */
    void steps(S state, BiConsumer<Supplier<String>, S> next);
  }

  private final Model<S, C> model;
  private final S beginning;

  /** The codes of the states in the order in which they were met, and from where. */
  private Object[] states = new Object[1 << 10];

  private int[] before = new int[1 << 10];
  private int count;

  /** Where a state is found by its hash: its number + 1. */
  private int[] places = new int[1 << 12];

  private long transitions;

  Exploration(Model<S, C> model, S beginning) {
    this.model = model;
    this.beginning = beginning;
  }

  /** The shortest path to a fault, and the fault; empty if there is none. */
  Optional<List<String>> run() {
    reach(model.code(beginning), -1);
    for (int i = 0; i < count; i++) {
      S state = model.of(beginning, state(i));
      String fault = model.fault(state);
      if (fault != null) {
        return Optional.of(path(i, fault));
      }
      int number = i;
      model.steps(
          state,
          (what, next) -> {
            transitions++;
            reach(model.code(next), number);
          });
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return count + " states, " + transitions + " transitions";
  }

  @SuppressWarnings("unchecked") // The array has nothing else.
  private C state(int number) {
    return (C) states[number];
  }

  private void reach(C code, int from) {
    int place = place(code);
    if (places[place] > 0) {
      return;
    }
    if (count == states.length) {
      states = Arrays.copyOf(states, 2 * count);
      before = Arrays.copyOf(before, 2 * count);
      places = new int[8 * count];
      for (int i = 0; i < count; i++) {
        places[place(states[i])] = i + 1;
      }
      place = place(code);
    }
    states[count] = code;
    before[count] = from;
    places[place] = ++count;
  }

  private int place(Object code) {
    int hash = code.hashCode();
    int place = (hash ^ hash >>> 16) & places.length - 1;
    while (places[place] > 0 && !states[places[place] - 1].equals(code)) {
      place = place + 1 & places.length - 1;
    }
    return place;
  }

  /** Goes the way again, so that each thing keeps its name. */
  private List<String> path(int last, String fault) {
    List<C> way = new ArrayList<>();
    for (int i = last; i > 0; i = before[i]) {
      way.add(0, state(i));
    }
    List<String> words = new ArrayList<>();
    S state = beginning;
    for (C code : way) {
      AtomicReference<S> found = new AtomicReference<>();
      model.steps(
          state,
          (what, next) -> {
            if (found.get() == null && model.code(next).equals(code)) {
              found.set(next);
              words.add(what.get());
            }
          });
      state = found.get();
    }
    words.add(fault);
    return words;
  }
}
