package dev.lease.redis;

import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/**
 * A request to the node that has a key.
 *
 * @param isConfirmed whether the server is asked afterwards if what it did is safe: the connection
 *     has to wait for that
 * @param send sends it on a connection to that node, within the time limit of the call
 */
record Request<T>(
    Urgency urgency,
    boolean isConfirmed,
    String key,
    BiFunction<ScriptConnection, Deadline, CompletionStage<T>> send) {}
