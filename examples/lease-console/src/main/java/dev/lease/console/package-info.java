/** The console for operators, on any store. */
@NullMarked
package dev.lease.console;

import org.jspecify.annotations.NullMarked;
