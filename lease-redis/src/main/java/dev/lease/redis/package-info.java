/**
 * Leases and job queues in Redis, Valkey or a Redis Cluster.
 *
 * <p>{@link dev.lease.redis.RedisBackend} opens a store; {@link dev.lease.redis.RedisModule} does
 * so for Guice.
 */
@NullMarked
package dev.lease.redis;

import org.jspecify.annotations.NullMarked;
