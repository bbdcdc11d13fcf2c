package dev.lease.testkit;

import dev.lease.testkit.AdmissionState.Code;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Looks at each state that a model can reach, the nearest first. */
final class AdmissionExploration {

  private final AdmissionModel model;
  private final AdmissionState beginning;

  /** The states in the order in which they were met, and from where. */
  private Code[] states = new Code[1 << 10];

  private int[] before = new int[1 << 10];
  private int count;

  /** Where a state is found by its hash: its number + 1. */
  private int[] places = new int[1 << 12];

  private long transitions;

  AdmissionExploration(AdmissionModel model, int... shape) {
    this.model = model;
    this.beginning = model.beginning(shape);
  }

  /** The shortest path to a fault, and the fault; empty if there is none. */
  Optional<List<String>> run() {
    reach(beginning.code(), -1);
    for (int i = 0; i < count; i++) {
      AdmissionState state = beginning.of(states[i]);
      String fault = model.fault(state);
      if (fault != null) {
        return Optional.of(path(i, fault));
      }
      int number = i;
      steps(
          state,
          (what, next) -> {
            transitions++;
            reach(next.code(), number);
          });
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return count + " states, " + transitions + " transitions";
  }

  private void steps(AdmissionState state, BiConsumer<Supplier<String>, AdmissionState> next) {
    new AdmissionSteps(model, state, next).all();
  }

  private void reach(Code code, int from) {
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

  private int place(Code code) {
    int place = code.hashCode() & places.length - 1;
    while (places[place] > 0 && !states[places[place] - 1].equals(code)) {
      place = place + 1 & places.length - 1;
    }
    return place;
  }

  /** Goes the way again, so that each thing keeps its name. */
  private List<String> path(int last, String fault) {
    List<Code> way = new ArrayList<>();
    for (int i = last; i > 0; i = before[i]) {
      way.add(0, states[i]);
    }
    List<String> words = new ArrayList<>();
    AdmissionState state = beginning;
    for (Code code : way) {
      AtomicReference<AdmissionState> found = new AtomicReference<>();
      steps(
          state,
          (what, next) -> {
            if (found.get() == null && next.code().equals(code)) {
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
