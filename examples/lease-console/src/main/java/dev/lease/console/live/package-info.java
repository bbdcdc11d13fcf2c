/**
 * What the console reads for all viewers at once. It is public for the console and its compiled
 * pages alone, and no API.
 */
@NullMarked
package dev.lease.console.live;

import org.jspecify.annotations.NullMarked;
