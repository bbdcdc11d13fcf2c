/** The command line for operators, on any store. */
@NullMarked
package dev.lease.examples.leasecli;

import org.jspecify.annotations.NullMarked;
