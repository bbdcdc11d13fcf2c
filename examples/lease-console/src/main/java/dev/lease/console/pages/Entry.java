package dev.lease.console.pages;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a job's line of time.
 *
 * @param at when it was; null if the store does not know it
 * @param kind what kind it is, in one word
 * @param words what happened
 * @param text a text of its own, such as an error; null for none
 */
public record Entry(@Nullable Instant at, String kind, String words, @Nullable String text) {}
