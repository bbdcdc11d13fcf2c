/** Small programs, each of which shows one thing and can be copied as one file. */
@NullMarked
package dev.lease.examples.recipes;

import org.jspecify.annotations.NullMarked;
