package dev.lease.console.pages;

import dev.lease.KeyState;
import dev.lease.OperatorAction;
import dev.lease.QueueCounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One queue.
 *
 * @param counts its jobs
 * @param full the keys of which jobs are held back
 * @param read how many keys were looked at
 * @param next where the next keys begin; null after the last
 * @param keyed whether the store has limits of keys
 * @param actions what operators did, the newest first
 */
public record QueueView(
    QueueCounts counts,
    List<KeyState> full,
    int read,
    @Nullable String next,
    boolean keyed,
    List<OperatorAction> actions) {}
