/** The command line for operators, on any store. */
@NullMarked
package dev.lease.cli;

import org.jspecify.annotations.NullMarked;
