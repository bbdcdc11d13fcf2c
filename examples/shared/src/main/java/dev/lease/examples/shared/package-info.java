/** What the command lines of the examples share; {@code lease-cli} carries it in its jar. */
@NullMarked
package dev.lease.examples.shared;

import org.jspecify.annotations.NullMarked;
