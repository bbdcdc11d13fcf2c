package dev.lease.redis;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * A request to the node that has a key.
 *
 * @param send sends it on a connection to that node
 */
record Request<T>(
    Urgency urgency, String key, Function<ScriptConnection, CompletionStage<T>> send) {}
