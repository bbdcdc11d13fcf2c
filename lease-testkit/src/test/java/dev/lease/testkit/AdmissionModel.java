package dev.lease.testkit;

import dev.lease.testkit.AdmissionState.Row;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How stores with several writers give the slots of keys and pass them on: what each of its states
 * has to keep [Q62, Q64, Q68]. The steps are in {@link AdmissionSteps}.
 *
 * @param slots of each key
 * @param isInOrder whether a job that is put off keeps its slot [Q66]
 * @param lowers whether an operator may set the slots to one less, once
 * @param mostOpen how many transactions are open at once
 * @param ofOneKey whether all that are open at once are of one key. It leaves out no fault of this
 *     model: without the steps of all other keys, the steps to a fault of a key still reach it,
 *     with more workers idle, and fewer transactions open.
 * @param defect what is wrong with it, or null
 */
record AdmissionModel(
    int slots,
    boolean isInOrder,
    boolean lowers,
    int mostOpen,
    boolean ofOneKey,
    @Nullable Defect defect)
    implements Exploration.Model<AdmissionState, AdmissionState.Code> {

  /** What a design may get wrong. */
  enum Defect {
    /** A settlement that finds nothing on the shelf ends without the bucket and an arrival. */
    NO_LOOK_UNDER_THE_LOCK,
    /** The statement that locks the bucket counts and looks by its older snapshot. */
    LOCKS_AND_LOOKS_IN_ONE_STATEMENT,
    /** A settlement admits as many as it counts as free, without the bucket. */
    EXCHANGE_COUNTS,
    /** A settlement admits one for one, whatever the limit is now. */
    EXCHANGE_KEEPS_A_SURPLUS,
    /** A settlement that comes again passes on again. */
    FREES_TWICE,
    /** An expired job does not count. */
    FREES_AT_EXPIRY,
    /** A row that another transaction had locked is as good as gone. */
    FORGETS_WHAT_IT_SKIPPED,
    /** An enqueue that cannot have the bucket leaves no arrival. */
    ENQUEUE_LEAVES_NO_ARRIVAL,
    /** A job that is cancelled takes its slot along. */
    CANCEL_PASSES_NOTHING_ON,
    /** A job that is put off leaves no arrival for when it is due. */
    PUT_OFF_LEAVES_NO_ARRIVAL,
    /** A job that becomes due while its key is full does not come to the shelf. */
    LEAVES_DUE_JOBS_OFF_THE_SHELF
  }

  AdmissionState beginning(int... shape) {
    return new AdmissionState(shape, slots);
  }

  boolean has(Defect one) {
    return defect == one;
  }

  @Override
  public AdmissionState.Code code(AdmissionState state) {
    return state.code();
  }

  @Override
  public AdmissionState of(AdmissionState beginning, AdmissionState.Code code) {
    return beginning.of(code);
  }

  @Override
  public void steps(AdmissionState state, BiConsumer<Supplier<String>, AdmissionState> next) {
    new AdmissionSteps(this, state, next).all();
  }

  @Override
  public @Nullable String fault(AdmissionState state) {
    for (int k = 0; k < state.shape.length; k++) {
      long admitted = admitted(state, k);
      if (admitted > slots) {
        return "over: key %s has %d admitted jobs".formatted(AdmissionState.name(k), admitted);
      }
      if (!state.isQuiet()) {
        continue;
      }
      if (admitted < state.slots && waits(state, k) && !state.arrivals[k]) {
        return "stuck: key %s has a free slot, a due job, and no arrival"
            .formatted(AdmissionState.name(k));
      }
      if (admitted > state.slots && endsOne(state, k) == admitted) {
        return "over: key %s keeps more than its new limit when one of its jobs ends"
            .formatted(AdmissionState.name(k));
      }
    }
    return null;
  }

  private static long admitted(AdmissionState state, int key) {
    return state.jobs(key).filter(j -> state.rows[j].isAdmitted()).count();
  }

  private static boolean waits(AdmissionState state, int key) {
    return state.jobs(key).anyMatch(j -> state.rows[j].isDueAndWaits() && !state.isLocked(j));
  }

  /** How many are admitted after a held job is settled, with nothing beside it. */
  private long endsOne(AdmissionState state, int key) {
    var held =
        state.jobs(key).filter(j -> state.rows[j].isHeld() && !state.isLocked(j)).findFirst();
    if (held.isEmpty() || state.open.size() == mostOpen) {
      return 0;
    }
    AdmissionState[] now = {state.copy()};
    int number = state.open.size();
    now[0].open.add(AdmissionSteps.ending(state, held.getAsInt(), Row.ENDED));
    while (now[0].open.size() > number) {
      new AdmissionSteps(this, now[0], (what, after) -> now[0] = after).goOn(number);
    }
    return admitted(now[0], key);
  }
}
